#!/bin/sh
# What the container runs: Scrapyd, and at its end a wait for its jobs.
#
# Scrapyd ends at once and leaves its jobs behind; when the container's own process ended with it, the kernel
# would kill them before they have written down where they are. Each needs five seconds at most.
umask 077
# Scrapyd would start without a password when there is none.
: "${SCRAPYD_USERNAME:?is not set}" "${SCRAPYD_PASSWORD:?is not set}"

# The daemon and its jobs are a group of their own.
setsid scrapyd --pidfile= &
group=$!
stop() {
    signalled=yes
    kill -s TERM -- "-$group" 2>/dev/null
}
trap stop TERM INT

# A signal interrupts the wait, which must then be asked again how the daemon ended; 127: it was told before.
signalled=yes
while [ "$signalled" ]; do
    signalled=
    wait "$group"
    status=$?
    [ "$status" -eq 127 ] || code=$status
done
stop # also when it ended by itself
while kill -s 0 -- "-$group" 2>/dev/null; do
    sleep 0.2
done
exit "$code"

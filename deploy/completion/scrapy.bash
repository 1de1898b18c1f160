# Made by: python -m tests.docs.generated
# For bash (and zsh, after: autoload -U +X bashcompinit && bashcompinit). In ~/.bashrc: source …/scrapy.bash
_scrapy() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
  local command=${COMP_WORDS[1]} spider= name= options= arguments= values= each
  local space=" "  # after a word; bash adds it by itself
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W "audit check crawl demo edit export fetch forget genspider graph jobs like list login logout migrate-db pages plan probe proxy reparse report runspider sandbox schedule settings shell startproject token unlike version view webhooks" -- "$word"))
  fi
  case $command in
    audit) options="-h --help --logfile -L --loglevel --nolog --profile --pidfile -s --set --pdb" ;;
    crawl) options="-h --help --logfile -L --loglevel --nolog --profile --pidfile -s --set --pdb -a -o --output -O --overwrite-output" ;;
    demo) options="-h --help --logfile -L --loglevel --nolog --profile --pidfile -s --set --pdb --folder" ;;
    export) options="-h --help --logfile -L --loglevel --nolog --profile --pidfile -s --set --pdb --crawl -o --output --pseudonyms --pseudonym-key" ;;
    fetch) options="-h --help --logfile -L --loglevel --nolog --profile --pidfile -s --set --pdb --spider --headers --no-redirect" ;;
    forget) options="-h --help --logfile -L --loglevel --nolog --profile --pidfile -s --set --pdb --dry-run --things" ;;
    graph) options="-h --help --logfile -L --loglevel --nolog --profile --pidfile -s --set --pdb --format -o --output --root --component --nodes --as-of --top --no-self-remixes --no-customizer --pseudonyms --pseudonym-key" ;;
    jobs) options="-h --help --logfile -L --loglevel --nolog --profile --pidfile -s --set --pdb --format --last --target --patience" ;;
    like) options="-h --help --logfile -L --loglevel --nolog --profile --pidfile -s --set --pdb --dry-run --as" ;;
    login) options="-h --help --logfile -L --loglevel --nolog --profile --pidfile -s --set --pdb --implicit --no-browser --port --timeout" ;;
    logout) options="-h --help --logfile -L --loglevel --nolog --profile --pidfile -s --set --pdb" ;;
    migrate-db) options="-h --help --logfile -L --loglevel --nolog --profile --pidfile -s --set --pdb" ;;
    pages) options="-h --help --logfile -L --loglevel --nolog --profile --pidfile -s --set --pdb -o --output" ;;
    plan) options="-h --help --logfile -L --loglevel --nolog --profile --pidfile -s --set --pdb -a" ;;
    probe) options="-h --help --logfile -L --loglevel --nolog --profile --pidfile -s --set --pdb -o --output" ;;
    proxy) options="-h --help --logfile -L --loglevel --nolog --profile --pidfile -s --set --pdb --all" ;;
    reparse) options="-h --help --logfile -L --loglevel --nolog --profile --pidfile -s --set --pdb" ;;
    report) options="-h --help --logfile -L --loglevel --nolog --profile --pidfile -s --set --pdb --format -o --output --as-of --days --top --by --metric --min-base --decay --order --min-remixes --creator --no-self-remixes --no-customizer --root --network-nodes --pseudonyms --pseudonym-key" ;;
    runspider) options="-h --help --logfile -L --loglevel --nolog --profile --pidfile -s --set --pdb -a -o --output -O --overwrite-output" ;;
    sandbox) options="-h --help --logfile -L --loglevel --nolog --profile --pidfile -s --set --pdb --port --host --things --seed --day --vintage --accept --revoke --app-token --client --sign-in --public-challenge --unanswered-writes --quota --token-quota --quota-align --limit-status --retry-after --rate-headers --latency --jitter --rate-500 --rate-502 --rate-stall --rate-truncated --rate-html --rate-null --rate-crossed --rate-reset --rate-empty --rate-slow --rate-garbled --rate-mistyped --rate-redirect --rate-bomb --rate-stale --lagging --lag-days --lag-answers --falling --max-age --block --page-cap --search-page-cap --category-cap --oddity --odd-page --row-moves --hidden-places --no-hints --plain-list --null-hits --heeds --no-old-listings --window-status --guide --vocabulary --certfile --keyfile --control --journal" ;;
    schedule) options="-h --help --logfile -L --loglevel --nolog --profile --pidfile -s --set --pdb -a --every --priority --file --target --patience --dry-run" ;;
    shell) options="-h --help --logfile -L --loglevel --nolog --profile --pidfile -s --set --pdb -c --spider --no-redirect" ;;
    token) options="-h --help --logfile -L --loglevel --nolog --profile --pidfile -s --set --pdb" ;;
    unlike) options="-h --help --logfile -L --loglevel --nolog --profile --pidfile -s --set --pdb --dry-run --as" ;;
    view) options="-h --help --logfile -L --loglevel --nolog --profile --pidfile -s --set --pdb --spider --no-redirect --headers" ;;
    webhooks) options="-h --help --logfile -L --loglevel --nolog --profile --pidfile -s --set --pdb --host --port --secret-file --keep-addresses" ;;
  esac
  case $command in crawl|plan|schedule)
    for each in "${COMP_WORDS[@]:2}"; do
      case $each in things|categories|users|remixes|refresh|listings|collections|tags|pages) spider=$each && break ;; esac
    done ;;
  esac
  case $spider in
    things) arguments="max_requests= crawl= files= images= comments= makes= categories= query= sort= pages= details= category_id= license= beyond_window=" ;;
    categories) arguments="max_requests= crawl= files= images= comments= makes= categories= category= subcategories= pages= details= beyond_window=" ;;
    users) arguments="max_requests= crawl= files= images= comments= makes= categories= username= file= include= pages= details=" ;;
    remixes) arguments="max_requests= crawl= files= images= comments= makes= categories= thing= file= direction= depth= details=" ;;
    refresh) arguments="max_requests= crawl= files= images= comments= makes= categories= watch= older_than=" ;;
    listings) arguments="max_requests= crawl= files= images= comments= makes= categories= kind= pages= details=" ;;
    collections) arguments="max_requests= crawl= files= images= comments= makes= categories= collection= pages= details=" ;;
    tags) arguments="max_requests= crawl= files= images= comments= makes= categories= tag= pages= details=" ;;
    pages) arguments="max_requests= crawl= thing= file=" ;;
  esac
  # bash makes three words of NAME=VALUE, zsh one
  if [[ $word == "=" ]]; then
    name=$before word=
  elif [[ $before == "=" ]]; then
    name=${COMP_WORDS[COMP_CWORD-2]}
  elif [[ $before == "-a" && $word == *=* ]]; then
    name=${word%%=*}
  fi
  if [[ -n $name ]]; then
    case $spider:$name in
      things:files) values="full true false" ;;
      things:images) values="true false" ;;
      things:comments) values="true false" ;;
      things:makes) values="true false" ;;
      things:categories) values="true false" ;;
      things:sort) values="relevant text popular makes newest" ;;
      things:details) values="changed true false" ;;
      things:license) values="cc cc-sa cc-nd cc-nc cc-nc-sa cc-nc-nd pd0 gpl lgpl bsd public none nokia" ;;
      things:beyond_window) values="true false" ;;
      categories:files) values="full true false" ;;
      categories:images) values="true false" ;;
      categories:comments) values="true false" ;;
      categories:makes) values="true false" ;;
      categories:categories) values="true false" ;;
      categories:subcategories) values="true false" ;;
      categories:details) values="changed true false" ;;
      categories:beyond_window) values="true false" ;;
      users:files) values="full true false" ;;
      users:images) values="true false" ;;
      users:comments) values="true false" ;;
      users:makes) values="true false" ;;
      users:categories) values="true false" ;;
      users:include) values="things makes likes collections followers following" ;;
      users:details) values="changed true false" ;;
      remixes:files) values="full true false" ;;
      remixes:images) values="true false" ;;
      remixes:comments) values="true false" ;;
      remixes:makes) values="true false" ;;
      remixes:categories) values="true false" ;;
      remixes:direction) values="children parents both" ;;
      remixes:depth) values="all" ;;
      remixes:details) values="changed true false" ;;
      refresh:files) values="full true false" ;;
      refresh:images) values="true false" ;;
      refresh:comments) values="true false" ;;
      refresh:makes) values="true false" ;;
      refresh:categories) values="true false" ;;
      listings:files) values="full true false" ;;
      listings:images) values="true false" ;;
      listings:comments) values="true false" ;;
      listings:makes) values="true false" ;;
      listings:categories) values="true false" ;;
      listings:kind) values="popular newest featured verified random" ;;
      listings:details) values="changed true false" ;;
      collections:files) values="full true false" ;;
      collections:images) values="true false" ;;
      collections:comments) values="true false" ;;
      collections:makes) values="true false" ;;
      collections:categories) values="true false" ;;
      collections:details) values="changed true false" ;;
      tags:files) values="full true false" ;;
      tags:images) values="true false" ;;
      tags:comments) values="true false" ;;
      tags:makes) values="true false" ;;
      tags:categories) values="true false" ;;
      tags:details) values="changed true false" ;;
    esac
    [[ $word == *=* ]] && values=$name=${values// / $name=}
    COMPREPLY=($(compgen -W "$values" -- "$word"))
  elif [[ $before == "-a" ]]; then
    COMPREPLY=($(compgen -W "$arguments" -- "$word"))
    space=
    [[ -z ${ZSH_VERSION-} ]] && type compopt > /dev/null 2>&1 && compopt -o nospace
  elif [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$word"))
  elif ((COMP_CWORD > 1)); then
    case $command in crawl|plan|schedule)
      [[ -z $spider ]] && COMPREPLY=($(compgen -W "things categories users remixes refresh listings collections tags pages" -- "$word")) ;;
    esac
  fi
  [[ -n ${ZSH_VERSION-} && -n $space ]] && COMPREPLY=("${COMPREPLY[@]/%/ }")
  return 0
}
if [[ -n ${ZSH_VERSION-} ]]; then
  complete -o default -o nospace -F _scrapy scrapy
else
  complete -o default -F _scrapy scrapy
fi

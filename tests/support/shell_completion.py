"""Completion of commands, spiders, options and arguments, as scripts for the shells; made from the code."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from tests.support.command_lines import command
from tests.support.command_names import OFFERED
from tvspiders.spiders.arguments import MODELS

SCRAPYS = {"check", "edit", "genspider", "list", "settings", "startproject", "version"}
"""Scrapy's own commands, completed by name only."""
COMMENT = "# Made by: python -m tests.docs.generated"

BASH = """\
{comment}
# For bash (and zsh, after: autoload -U +X bashcompinit && bashcompinit). In ~/.bashrc: source …/scrapy.bash
_scrapy() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}}
  local command=${{COMP_WORDS[1]}} spider= name= options= arguments= values= each
  local space=" "  # after a word; bash adds it by itself
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W "{commands}" -- "$word"))
  fi
  case $command in
{options}
  esac
  case $command in {take_a_spider})
    for each in "${{COMP_WORDS[@]:2}}"; do
      case $each in {spiders}) spider=$each && break ;; esac
    done ;;
  esac
  case $spider in
{arguments}
  esac
  # bash makes three words of NAME=VALUE, zsh one
  if [[ $word == "=" ]]; then
    name=$before word=
  elif [[ $before == "=" ]]; then
    name=${{COMP_WORDS[COMP_CWORD-2]}}
  elif [[ $before == "-a" && $word == *=* ]]; then
    name=${{word%%=*}}
  fi
  if [[ -n $name ]]; then
    case $spider:$name in
{values}
    esac
    [[ $word == *=* ]] && values=$name=${{values// / $name=}}
    COMPREPLY=($(compgen -W "$values" -- "$word"))
  elif [[ $before == "-a" ]]; then
    COMPREPLY=($(compgen -W "$arguments" -- "$word"))
    space=
    [[ -z ${{ZSH_VERSION-}} ]] && type compopt > /dev/null 2>&1 && compopt -o nospace
  elif [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$word"))
  elif ((COMP_CWORD > 1)); then
    case $command in {take_a_spider})
      [[ -z $spider ]] && COMPREPLY=($(compgen -W "{spider_words}" -- "$word")) ;;
    esac
  fi
  [[ -n ${{ZSH_VERSION-}} && -n $space ]] && COMPREPLY=("${{COMPREPLY[@]/%/ }}")
  return 0
}}
if [[ -n ${{ZSH_VERSION-}} ]]; then
  complete -o default -o nospace -F _scrapy scrapy
else
  complete -o default -F _scrapy scrapy
fi
"""


def bash() -> str:
    """For bash, and for zsh through its ``bashcompinit``."""
    values = [
        f'      {spider}:{name}) values="{" ".join(choices)}" ;;'
        for spider, model in MODELS.items()
        for name, field in model.model_fields.items()
        if (choices := accepted(field))
    ]
    return BASH.format(
        comment=COMMENT,
        commands=" ".join(sorted(OFFERED | SCRAPYS)),
        options="\n".join(f'    {name}) options="{" ".join(options(name))}" ;;' for name in sorted(OFFERED)),
        take_a_spider="|".join(TAKE_A_SPIDER),
        spiders="|".join(MODELS),
        spider_words=" ".join(MODELS),
        arguments="\n".join(
            f'    {name}) arguments="{" ".join(f"{each}=" for each in model.model_fields)}" ;;'
            for name, model in MODELS.items()
        ),
        values="\n".join(values),
    )


def fish() -> str:
    """For fish, which also shows what each word means."""
    lines = [COMMENT, "# In ~/.config/fish/config.fish: source …/scrapy.fish"]
    lines += [
        f"complete -c scrapy -n __fish_use_subcommand -f -a {name} -d {_quoted(command(name).short_desc())}"
        for name in sorted(OFFERED)
    ]
    lines += [f"complete -c scrapy -n __fish_use_subcommand -f -a {name}" for name in sorted(SCRAPYS)]
    some = " ".join(TAKE_A_SPIDER)
    for spider in MODELS:
        lines.append(
            f"complete -c scrapy -f -a {spider} "
            f"-n '__fish_seen_subcommand_from {some}; and not __fish_seen_subcommand_from {' '.join(MODELS)}'"
        )
    for name in sorted(OFFERED):
        seen = f"complete -c scrapy -n '__fish_seen_subcommand_from {name}'"
        for action in actions(name):
            flags = " ".join(
                f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}"
                for flag in action.option_strings
            )
            takes = "" if action.nargs == 0 else " -r"
            lines.append(f"{seen} {flags}{takes} -d {_quoted((action.help or '').replace('%%', '%'))}")
    for spider, model in MODELS.items():
        for name, field in model.model_fields.items():
            words = " ".join(f"{name}={choice}" for choice in accepted(field)) or f"{name}="
            seen = f"__fish_seen_subcommand_from {some}; and __fish_seen_subcommand_from {spider}"
            said = _quoted(field.description or "")
            lines.append(f"complete -c scrapy -n '{seen}' -s a -x -a {_quoted(words)} -d {said}")
    return "\n".join(lines) + "\n"


def actions(name: str) -> list[argparse.Action]:
    """The options of a command."""
    parser = argparse.ArgumentParser(conflict_handler="resolve")
    command(name).add_options(parser)
    return [action for action in parser._actions if action.option_strings]


def options(name: str) -> list[str]:
    """Their names."""
    return [flag for action in actions(name) for flag in action.option_strings]


def accepted(field: FieldInfo) -> list[str]:
    """The values of an argument that takes one of a few; none for any other."""
    parts = [field.annotation, *get_args(field.annotation)]
    found = [str(value) for part in parts if get_origin(part) is Literal for value in get_args(part)]
    return found + (["true", "false"] if bool in parts else [])


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


TAKE_A_SPIDER = [name for name in sorted(OFFERED) if "-a" in options(name) and name != "runspider"]
SHELLS: dict[str, Callable[[], str]] = {"bash": bash, "fish": fish}
"""How the script ends -> what makes it."""

// The completion script for bash 4 and newer: tables of what follows what, and one function that looks things up.
import type { Place, Value } from './words.ts'

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** @param bin the program's name */
export function bashCompletion(bin: string, places: readonly Place[]): string {
  const table = (name: string, rows: readonly (readonly [string, string])[]): string =>
    `_${bin}_${name}() {\n  case "$1" in\n${rows
      .filter(([, answer]) => answer !== '')
      .map(([key, answer]) => `    ${quote(key)}) echo ${quote(answer)} ;;`)
      .join('\n')}\n    *) ;;\n  esac\n}`
  const value = (some: Value): string =>
    some.kind === 'one-of' ? some.options.join(' ') : some.kind === 'none' ? '' : `@${some.kind}`
  const values = places.flatMap(({ at, flags }) =>
    flags.flatMap((flag) =>
      [flag.name, ...(flag.char ? [`-${flag.char}`] : [])].map((name) => [`${at} ${name}`, value(flag.value)] as const),
    ),
  )
  return `# bash completion for ${bin}, made by "${bin} autocomplete bash". Make it anew after an update.
${table(
  'next',
  places.map(({ at, next }) => [at, next.map(({ word }) => word).join(' ')]),
)}
${table(
  'flags',
  places.map(({ at, flags }) => [at, flags.map(({ name }) => name).join(' ')]),
)}
${table('value', values)}
${table(
  'argument',
  places.map(({ at, argument }) => [at, value(argument)]),
)}
_${bin}_fill() {
  case "$1" in
    @file) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$2") ;;
    @text | '') ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2") ;;
  esac
}
_${bin}() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" at='' word i value
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    case " $(_${bin}_next "$at") " in
      *" $word "*) at="\${at:+$at }$word" ;;
      *) break ;;
    esac
  done
  # --flag=value comes as three words.
  [[ $cur == '=' ]] && cur=''
  [[ $prev == '=' ]] && prev="\${COMP_WORDS[COMP_CWORD-2]}"
  if [[ $prev == -* ]]; then
    value="$(_${bin}_value "$at $prev")"
    if [[ -n $value ]]; then
      _${bin}_fill "$value" "$cur"
      return
    fi
  fi
  if [[ $cur == -* ]]; then
    _${bin}_fill "$(_${bin}_flags "$at")" "$cur"
  elif [[ -n "$(_${bin}_next "$at")" && $i -eq $COMP_CWORD ]]; then
    _${bin}_fill "$(_${bin}_next "$at")" "$cur"
  else
    _${bin}_fill "$(_${bin}_argument "$at")" "$cur"
  fi
}
complete -F _${bin} ${bin}
`
}

// The completion script for zsh: works as a file in $fpath and when it is sourced.
import type { Place, Value } from './words.ts'

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
/** `word:description`, as _describe wants it. */
const described = (word: string, description: string): string => quote(`${word.replaceAll(':', '\\:')}:${description}`)

/** @param bin the program's name */
export function zshCompletion(bin: string, places: readonly Place[]): string {
  const fill = (value: Value): string =>
    value.kind === 'one-of'
      ? `compadd -- ${value.options.map(quote).join(' ')}`
      : value.kind === 'file'
        ? '_files'
        : `_message 'value'`
  const cases = (rows: readonly (readonly [string, string])[]): string =>
    rows.map(([key, answer]) => `    ${quote(key)}) ${answer} ;;`).join('\n')
  const values = places.flatMap(({ at, flags }) =>
    flags
      .filter(({ value }) => value.kind !== 'none')
      .flatMap((flag) =>
        [flag.name, ...(flag.char ? [`-${flag.char}`] : [])].map(
          (name) => [`${at} ${name}`, fill(flag.value)] as const,
        ),
      ),
  )
  return `#compdef ${bin}
# zsh completion for ${bin}, made by "${bin} autocomplete zsh". Make it anew after an update.
_${bin}_next() {
  case "$1" in
${cases(
  places
    .filter(({ next }) => next.length > 0)
    .map(({ at, next }) => [
      at,
      `reply=(${next.map(({ word, description }) => described(word, description)).join(' ')})`,
    ]),
)}
    *) reply=() ;;
  esac
}
_${bin}_flags() {
  case "$1" in
${cases(places.map(({ at, flags }) => [at, `reply=(${flags.map(({ name, description }) => described(name, description)).join(' ')})`]))}
    *) reply=() ;;
  esac
}
_${bin}_value() {
  case "$1" in
${cases(values)}
    *) return 1 ;;
  esac
}
_${bin}_argument() {
  case "$1" in
${cases(places.filter(({ argument }) => argument.kind !== 'none').map(({ at, argument }) => [at, fill(argument)]))}
    *) return 1 ;;
  esac
}
_${bin}() {
  local at='' word
  local -a reply
  local -i i
  for ((i = 2; i < CURRENT; i++)); do
    word="\${words[i]}"
    _${bin}_next "$at"
    (( \${reply[(I)$word:*]} )) || break
    at="\${at:+$at }$word"
  done
  if [[ \${words[CURRENT-1]} == -* ]] && _${bin}_value "$at \${words[CURRENT-1]}"; then
    return
  fi
  if [[ \${words[CURRENT]} == -* ]]; then
    _${bin}_flags "$at"
    _describe 'flag' reply
    return
  fi
  _${bin}_next "$at"
  if (( \${#reply} && i == CURRENT )); then
    _describe 'command' reply
  else
    _${bin}_argument "$at"
  fi
}
if [[ "\${funcstack[1]}" == _${bin} ]]; then
  _${bin} "$@"
else
  compdef _${bin} ${bin}
fi
`
}

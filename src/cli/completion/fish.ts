// The completion script for fish: one line for each word and flag, and one function that says at which command the line is.
import type { Place, Value } from './words.ts'

const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

/** @param bin the program's name */
export function fishCompletion(bin: string, places: readonly Place[]): string {
  const value = (some: Value): string => {
    switch (some.kind) {
      case 'none':
        return ''
      case 'file':
        return ' -r -F'
      case 'text':
        return ' -x'
      case 'one-of':
        return ` -x -a ${quote(some.options.join(' '))}`
    }
  }
  const lines = places.flatMap(({ at, next, flags, argument }) => {
    const when = `complete -c ${bin} -n ${quote(`__${bin}_at ${quote(at)}`)}`
    const whenLast = `complete -c ${bin} -n ${quote(`__${bin}_at ${quote(at)} last`)}`
    return [
      ...next.map(({ word, description }) => `${whenLast} -a ${quote(word)} -d ${quote(description)}`),
      ...flags.map(
        (flag) =>
          `${when} -l ${quote(flag.name.slice(2))}${flag.char ? ` -s ${flag.char}` : ''}${value(flag.value)} -d ${quote(flag.description)}`,
      ),
      ...(argument.kind === 'file' ? [`${when} -F`] : []),
      ...(argument.kind === 'one-of' ? [`${when} -a ${quote(argument.options.join(' '))}`] : []),
    ]
  })
  return `# fish completion for ${bin}, made by "${bin} autocomplete fish". Make it anew after an update.
set -g __${bin}_places ${places
    .filter(({ at }) => at !== '')
    .map(({ at }) => quote(at))
    .join(' ')}
function __${bin}_at
    set -l words (commandline -opc)
    set -e words[1]
    set -l at ''
    set -l more 0
    for word in $words
        set -l further (string trim -- "$at $word")
        if not contains -- "$further" $__${bin}_places
            set more 1
            break
        end
        set at "$further"
    end
    # last: and no word follows that is none of a command's.
    test "$at" = "$argv[1]"; and test "$argv[2]" != last -o $more -eq 0
end
complete -c ${bin} -f
${lines.join('\n')}
`
}

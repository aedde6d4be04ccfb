// A page as one shell script: its blocks in their order, `latchkey` being this checkout's, a server started in the background and ended at the end.
import type { Block } from './page.ts'
import { program } from './program.ts'

/** Runs in `$PAGE`; what block n printed is in `$PAGE.out/n`. */
export function pageScript(blocks: readonly Block[]): string {
  return [HEAD, ...blocks.map(part)].join('\n')
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

const PROGRAM = [process.execPath, program()].map(quoted).join(' ')
const HEAD = `set -euo pipefail
latchkey() {
  if [ "\${1-}" = serve ] && [[ " $* " != *" --check "* ]]; then
    ${PROGRAM} "$@" > server.log 2>&1 &
    server=$!
    until grep -q 'Latchkey listens' server.log; do kill -0 $server || { cat server.log >&2; exit 1; }; sleep 0.05; done
    cat server.log
  else ${PROGRAM} "$@"; fi
}
server=
trap 'status=$?; [ -z "$server" ] || { kill $server; wait $server || true; }; exit $status' EXIT
mkdir -p "$PAGE" "$PAGE.out" && cd "$PAGE"`

function part(block: Block, number: number): string {
  const { language, mark, text, line } = block
  const said = `echo 'line ${line}' >&2`
  if (['yaml', 'json'].includes(language) && mark !== '')
    return `${said}\nprintf '%s\\n' ${quoted(text)} > ${quoted(mark)}`
  if (language !== 'sh') return ''
  if (mark === 'by-hand') return [said, ...filesNamed(text).map((file) => `test -e ${quoted(file)}`)].join('\n')
  const output = `> "$PAGE.out/${number}"`
  // Not in a subshell: a variable, or a server, that one block makes is there for the next.
  if (mark === 'fails') return `${said}\nif { ${text.trim()}\n} ${output}; then echo 'did not fail' >&2; exit 1; fi`
  return [...(mark === 'fresh' ? ['cd "$(mktemp -d -p "$PAGE")"'] : []), said, `{ ${text.trim()}\n} ${output}`].join(
    '\n',
  )
}

/** Files of a new installation that a command by hand takes up. */
const filesNamed = (text: string): string[] =>
  [...text.matchAll(/(?<![\w/])latchkey\/(?:proxy|tls|config)[\w./-]*/g)].map(([path]) => path)

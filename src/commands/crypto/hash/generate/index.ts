// latchkey crypto hash generate: Authelia's name for `latchkey hash`.
import Hash from '../../../hash/index.ts'

export default class CryptoHashGenerate extends Hash {}

// latchkey crypto hash generate scrypt: Authelia's name for `latchkey hash scrypt`.
import HashScrypt from '../../../hash/scrypt.ts'

export default class CryptoHashGenerateScrypt extends HashScrypt {}

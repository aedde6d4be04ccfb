// latchkey crypto hash generate bcrypt: Authelia's name for `latchkey hash bcrypt`.
import HashBcrypt from '../../../hash/bcrypt.ts'

export default class CryptoHashGenerateBcrypt extends HashBcrypt {}

// latchkey crypto hash generate sha2crypt: Authelia's name for `latchkey hash sha2crypt`.
import HashSha2crypt from '../../../hash/sha2crypt.ts'

export default class CryptoHashGenerateSha2crypt extends HashSha2crypt {}

// latchkey crypto hash generate argon2: Authelia's name for `latchkey hash argon2`.
import HashArgon2 from '../../../hash/argon2.ts'

export default class CryptoHashGenerateArgon2 extends HashArgon2 {}

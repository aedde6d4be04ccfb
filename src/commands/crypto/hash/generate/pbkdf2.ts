// latchkey crypto hash generate pbkdf2: Authelia's name for `latchkey hash pbkdf2`.
import HashPbkdf2 from '../../../hash/pbkdf2.ts'

export default class CryptoHashGeneratePbkdf2 extends HashPbkdf2 {}

// latchkey crypto hash validate: Authelia's name for `latchkey hash verify`.
import HashVerify from '../../hash/verify.ts'

export default class CryptoHashValidate extends HashVerify {}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeParams, signDuoRequest } from '../../../src/login/duo/signature.ts'

test('parameters are sorted and spelled as RFC 3986 says', () => {
  assert.equal(encodeParams({}), '')
  assert.equal(encodeParams({ username: 'root', realname: 'First Last' }), 'realname=First%20Last&username=root')
  assert.equal(encodeParams({ foo_bar: '2', foo: '1' }), 'foo=1&foo_bar=2')
  assert.equal(
    encodeParams({
      digits: '0123456789',
      punctuation: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
      whitespace: '\t\n\x0b\x0c\r ',
    }),
    'digits=0123456789&punctuation=%21%22%23%24%25%26%27%28%29%2A%2B%2C-.%2F%3A%3B%3C%3D%3E%3F%40%5B%5C%5D%5E_%60%7B%7C%7D~&whitespace=%09%0A%0B%0C%0D%20',
  )
  assert.equal(encodeParams({ name: 'a\ud800b' }), 'name=a%EF%BF%BDb', 'half a character throws nothing')
})

test("a request is signed as Duo's own clients sign it", () => {
  // The values that the clients Duo publishes are tested with.
  const params = {
    '\u469a\u287b\u35d0\u8ef3\u6727\u502a\u0810\ud091\xc8\uc170':
      '\u0f45\u1a76\u341a\u654c\uc23f\u9b09\uabe2\u8343\u1b27\u60d0',
    '\u7449\u7e4b\uccfb\u59ff\ufe5f\u83b7\uadcc\u900c\ucfd1\u7813':
      '\u8db7\u5022\u92d3\u42ef\u207d\u8730\uacfe\u5617\u0946\u4e30',
    '\u7470\u9314\u901c\u9eae\u40d8\u4201\u82d8\u8c70\u1d31\ua042':
      '\u17d9\u0ba8\u9358\uaadf\ua42a\u48be\ufb96\u6fe9\ub7ff\u32f3',
    '\uc2c5\u2c1d\u2620\u3617\u96b3F\u8605\u20e8\uac21\u5934':
      '\ufba9\u41aa\ubd83\u840b\u2615\u3e6e\u652d\ua8b5\ud56bU',
  }
  const signed = signDuoRequest(
    { integrationKey: 'test_ikey', secretKey: 'gtdfxv9YgVBYcF6dl2Eq17KUQJN2PLM2ODVTkvoT' },
    { method: 'PoSt', host: 'foO.BAr52.cOm', path: '/Foo/BaR2/qux', params, date: 'Fri, 07 Dec 2012 17:18:00 -0000' },
  )
  assert.equal(signed, 'Basic dGVzdF9pa2V5OmYwMTgxMWNiYmY5NTYxNjIzYWI0NWI4OTMwOTYyNjdmZDQ2YTUxNzg=')
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Generations } from '../../src/base/generations.ts'

test('what was used lately stays, what was not leaves when room is wanted', () => {
  const left: string[] = []
  const kept = new Generations<string, number>({ capacity: 4, onLeave: (_, key) => left.push(key) })
  for (const [i, key] of ['a', 'b', 'c', 'd'].entries()) kept.set(key, i)
  assert.equal(kept.get('a'), 0)
  kept.set('e', 4)
  assert.deepEqual(left, ['b'])
  assert.deepEqual(
    ['a', 'b', 'd', 'e'].map((key) => kept.get(key)),
    [0, undefined, 3, 4],
  )
})

test('an entry heavier than all the room is kept until the next one comes', () => {
  const kept = new Generations<string, number>({ capacity: 10, weigh: (value) => value })
  kept.set('heavy', 100)
  assert.equal(kept.get('heavy'), 100)
  kept.set('b', 1)
  kept.set('c', 5)
  assert.equal(kept.get('heavy'), undefined)
})

test('it never holds more than fits, never gives another value than was set last, and tells of everything that leaves', () => {
  const action = fc.record({ kind: fc.constantFrom('set', 'get', 'delete', 'clear'), key: fc.nat(12) })
  fc.assert(
    fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
      const model = new Map<number, number>()
      const inside = new Set<number>()
      const kept = new Generations<number, number>({
        capacity: 6,
        onLeave: (value) => assert.ok(inside.delete(value), `${value} was not there`),
      })
      let next = 0
      for (const { kind, key } of actions) {
        if (kind === 'set') {
          next++
          kept.set(key, next)
          model.set(key, next)
          inside.add(next)
        } else if (kind === 'get') {
          const found = kept.get(key)
          assert.ok(found === undefined || found === model.get(key))
          if (model.has(key) && inside.has(model.get(key) as number)) assert.equal(found, model.get(key))
        } else if (kind === 'delete') {
          const wasThere = inside.has(model.get(key) ?? 0)
          assert.equal(kept.delete(key), wasThere)
          model.delete(key)
        } else {
          kept.clear()
          model.clear()
        }
        assert.ok(inside.size <= 6)
      }
    }),
  )
})

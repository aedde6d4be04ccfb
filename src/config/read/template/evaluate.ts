// Runs a parsed template: scopes, pipelines, field access, calls. Writes into an output that knows which source line each of its lines came from.
import type { Command, Operand, ParsedTemplate, Pipeline, Statement } from './ast.ts'
import type { Budget } from './budget.ts'
import { checkArguments, describe, type TemplateFunction, type World } from './call.ts'
import { formatValue } from './format.ts'
import { GoTime } from './go-time.ts'
import { TemplateError } from './template-error.ts'
import { TIME_METHODS } from './time-methods.ts'
import { Dict, FoundFile, isList, isTrue, type Value } from './value.ts'

export interface Output {
  /** @param offset where in the source it comes from @param verbatim whether it is source text itself */
  write(text: string, offset: number, verbatim: boolean): void
}

/**
 * @param data what the dot stands for at first
 * @throws TemplateError with an offset
 */
export function evaluateTemplate(
  template: ParsedTemplate,
  functions: ReadonlyMap<string, TemplateFunction>,
  world: World,
  output: Output,
  data?: Value,
): void {
  new Evaluator(template, functions, world, output, data).run()
}

type Flow = 'on' | 'break' | 'continue'
interface Variable {
  readonly name: string
  value: Value
}
/** What comes through the pipe; absent for the first command. */
type Piped = { readonly value: Value } | undefined

class Evaluator {
  readonly #template: ParsedTemplate
  readonly #functions: ReadonlyMap<string, TemplateFunction>
  readonly #world: World
  readonly #budget: Budget
  readonly #output: Output
  #variables: Variable[]
  #depth = 0

  constructor(
    template: ParsedTemplate,
    functions: ReadonlyMap<string, TemplateFunction>,
    world: World,
    output: Output,
    data: Value,
  ) {
    this.#variables = [{ name: '$', value: data }]
    this.#template = template
    this.#functions = functions
    this.#world = world
    this.#budget = world.budget
    this.#output = output
  }

  run(): void {
    this.#statements(this.#variables[0]?.value, this.#template.main)
  }

  #statements(dot: Value, statements: readonly Statement[]): Flow {
    for (const statement of statements) {
      const flow = this.#located(statement.offset, () => this.#statement(dot, statement))
      if (flow !== 'on') return flow
    }
    return 'on'
  }

  /** Gives errors of functions the place of the innermost node that they passed. */
  #located<T>(offset: number, run: () => T): T {
    try {
      return run()
    } catch (error) {
      if (error instanceof TemplateError) error.offset ??= offset
      throw error
    }
  }

  #statement(dot: Value, statement: Statement): Flow {
    this.#budget.step()
    switch (statement.kind) {
      case 'text':
        this.#output.write(statement.text, statement.offset, true)
        return 'on'
      case 'action': {
        const value = this.#pipeline(dot, statement.pipeline)
        if (statement.pipeline.variables.length === 0) {
          const missing = value === undefined || value === null
          this.#output.write(missing ? '<no value>' : formatValue(value, this.#budget), statement.offset, false)
        }
        return 'on'
      }
      case 'if':
      case 'with': {
        const scope = this.#variables.length
        const value = this.#pipeline(dot, statement.pipeline)
        const inner = statement.kind === 'with' && isTrue(value) ? value : dot
        const flow = this.#statements(inner, isTrue(value) ? statement.body : statement.otherwise)
        this.#variables.length = scope
        return flow
      }
      case 'range':
        return this.#range(dot, statement)
      case 'template':
        this.#call(dot, statement)
        return 'on'
      default:
        return statement.kind
    }
  }

  #range(dot: Value, statement: Extract<Statement, { kind: 'range' | 'if' | 'with' }>): Flow {
    const scope = this.#variables.length
    const { pipeline } = statement
    const items = this.#items(this.#commands(dot, pipeline), pipeline)
    let flow: Flow = 'on'
    let ran = false
    for (const [key, item] of items) {
      ran = true
      this.#budget.step()
      this.#variables.length = scope
      const [first, second] = pipeline.variables
      if (first !== undefined) this.#store(first, second === undefined ? item : key, pipeline.assigns)
      if (second !== undefined) this.#store(second, item, pipeline.assigns)
      if (this.#statements(item, statement.body) === 'break') break
    }
    this.#variables.length = scope
    if (!ran) flow = this.#statements(dot, statement.otherwise)
    return flow
  }

  #items(value: Value, { variables, offset }: Pipeline): Iterable<readonly [Value, Value]> {
    if (value === undefined || value === null) return []
    if (isList(value)) return value.map((item, index) => [BigInt(index), item] as const)
    if (value instanceof Dict) return value.sorted()
    if (typeof value === 'bigint') {
      if (variables.length > 1) throw new TemplateError('a number gives range one variable only', { offset })
      return countTo(value)
    }
    throw new TemplateError(`range needs a list, map or whole number, not ${describe(value)}`, { offset })
  }

  #call(dot: Value, { name, pipeline }: Extract<Statement, { kind: 'template' }>): void {
    const body = this.#template.defined.get(name)
    if (!body) throw new TemplateError(`there is no template ${JSON.stringify(name)}`)
    const value = pipeline ? this.#pipeline(dot, pipeline) : undefined
    const outside = this.#variables
    this.#budget.depth(++this.#depth)
    this.#variables = [{ name: '$', value }]
    this.#statements(value, body)
    this.#variables = outside
    this.#depth--
  }

  #pipeline(dot: Value, pipeline: Pipeline): Value {
    const value = this.#commands(dot, pipeline)
    for (const name of pipeline.variables) this.#store(name, value, pipeline.assigns)
    return value
  }

  #store(name: string, value: Value, assigns: boolean): void {
    const known = assigns ? this.#variables.findLast((variable) => variable.name === name) : undefined
    if (known) known.value = value
    else this.#variables.push({ name, value })
  }

  #commands(dot: Value, { commands }: Pipeline): Value {
    let piped: Piped
    for (const command of commands) {
      piped = { value: this.#located(command.offset, () => this.#command(dot, command, piped)) }
    }
    return piped?.value
  }

  #command(dot: Value, { operands }: Command, piped: Piped): Value {
    this.#budget.step()
    const [first, ...args] = operands
    if (!first) return undefined
    if (first.kind === 'function') return this.#function(dot, first.name, args, piped)
    const receiver = this.#fieldReceiver(dot, first)
    const hasArguments = args.length > 0 || piped !== undefined
    if (receiver) {
      const given = hasArguments ? [...args.map((arg) => this.#operand(dot, arg)), ...(piped ? [piped.value] : [])] : []
      return this.#fields(receiver.value, receiver.path, given, first.offset)
    }
    if (hasArguments) throw new TemplateError('only functions take arguments', { offset: first.offset })
    if (first.kind === 'nil') throw new TemplateError('nil can not stand alone', { offset: first.offset })
    return this.#operand(dot, first)
  }

  /** For operands that end in a field, which may be a method with arguments. */
  #fieldReceiver(dot: Value, operand: Operand): { value: Value; path: readonly string[] } | undefined {
    if (operand.kind === 'field') return { value: dot, path: operand.path }
    if (operand.kind === 'chain') return { value: this.#operand(dot, operand.operand), path: operand.path }
    if (operand.kind === 'variable' && operand.path.length > 0) {
      return { value: this.#variable(operand.name, operand.offset), path: operand.path }
    }
    return undefined
  }

  #operand(dot: Value, operand: Operand): Value {
    this.#budget.step()
    switch (operand.kind) {
      case 'string':
      case 'number':
      case 'boolean':
        return operand.value
      case 'nil':
        return null
      case 'dot':
        return dot
      case 'variable':
        return this.#fields(this.#variable(operand.name, operand.offset), operand.path, [], operand.offset)
      case 'function':
        return this.#located(operand.offset, () => this.#function(dot, operand.name, [], undefined))
      case 'pipeline':
        return this.#pipeline(dot, operand.pipeline)
      case 'field':
        return this.#fields(dot, operand.path, [], operand.offset)
      case 'chain':
        return this.#fields(this.#operand(dot, operand.operand), operand.path, [], operand.offset)
    }
  }

  #variable(name: string, offset: number): Value {
    const variable = this.#variables.findLast((candidate) => candidate.name === name)
    if (!variable) throw new TemplateError(`the variable ${name} is not set here`, { offset })
    return variable.value
  }

  /** @param args for the last field, when it is a method */
  #fields(value: Value, path: readonly string[], args: readonly Value[], offset: number): Value {
    return path.reduce<Value>((receiver, name, index) => {
      const given = index === path.length - 1 ? args : []
      return this.#located(offset, () => field(receiver, name, given))
    }, value)
  }

  #function(dot: Value, name: string, args: readonly Operand[], piped: Piped): Value {
    if (name === 'and' || name === 'or') return this.#shortCircuit(dot, name, args, piped)
    const definition = this.#functions.get(name)
    if (!definition) throw new TemplateError(`there is no function ${JSON.stringify(name)}`)
    const values = args.map((arg) => this.#operand(dot, arg))
    if (piped) values.push(piped.value)
    const result = definition.call(checkArguments(name, definition, values), this.#world)
    if (typeof result === 'string') this.#budget.text(result.length)
    return result
  }

  /** Evaluates no further than needed and returns the deciding value. */
  #shortCircuit(dot: Value, name: 'and' | 'or', args: readonly Operand[], piped: Piped): Value {
    if (args.length === 0 && !piped) throw new TemplateError(`${name} needs at least one argument`)
    let value: Value
    for (const arg of args) {
      value = this.#operand(dot, arg)
      if (isTrue(value) === (name === 'or')) return value
    }
    return piped ? piped.value : value
  }
}

function field(receiver: Value, name: string, args: readonly Value[]): Value {
  if (receiver === undefined) return undefined
  if (receiver === null) throw new TemplateError(`nil has no field ${name}`)
  if (receiver instanceof Dict) {
    if (args.length > 0) throw new TemplateError(`${name} is a value and takes no arguments`)
    return receiver.entries.has(name) ? receiver.entries.get(name) : receiver.ofText ? '' : undefined
  }
  const found = receiver instanceof FoundFile ? receiver.fields.get(name) : undefined
  if (found !== undefined) return found
  if (receiver instanceof GoTime) {
    const method = TIME_METHODS.get(name)
    if (method) return method(receiver, args)
  }
  throw new TemplateError(`${describe(receiver)} has no field ${name}`)
}

function* countTo(end: bigint): Iterable<readonly [Value, Value]> {
  for (let i = 0n; i < end; i++) yield [i, i]
}

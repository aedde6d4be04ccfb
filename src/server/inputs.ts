// Everything on disk that a snapshot is made from: which files, which folders with names of which kind. Reads nothing.
import { dirname, join, resolve } from 'node:path'
import type { Config } from '../config/config.ts'
import { CATALOGUE_FILE, localesIn } from '../i18n/catalogue.ts'
import { EMAIL_TEMPLATES } from '../notify/look.ts'
import { TEMPLATE_FOLDERS } from '../portal/view/texts.ts'

export type InputRole = 'configuration' | 'users' | 'certificate' | 'asset' | 'template' | 'rules-tests'

export interface InputFile {
  /** Absolute. */
  readonly path: string
  readonly role: InputRole
  /** False: somebody wrote that its changes shall not be noticed. */
  readonly isWatched: boolean
}
export interface InputFolder {
  /** Absolute. */
  readonly path: string
  readonly role: InputRole
  /** Names of files that belong; subfolders don't. */
  readonly names: RegExp
}
export interface Inputs {
  readonly files: readonly InputFile[]
  readonly folders: readonly InputFolder[]
}

const YAML = /\.ya?ml$/
/** Cases that are written for the first time are noticed too. */
const RULES_TESTS = /\.test\.ya?ml$/
/** Not what editors leave beside them. */
const TEMPLATE = /^[a-zA-Z][\w-]*\.(?:html|txt|json|css|js|svg)$/
const CERTIFICATE = /\.(?:pem|crt|cer)$/i

export interface InputsOptions {
  /** Files with the operator's cases for the rules. */
  readonly rulesTests?: readonly string[]
}

export function inputsOf(config: Config, { rulesTests = [] }: InputsOptions = {}): Inputs {
  const { tls, assetPath } = config.server
  const file = (role: InputRole) => (path: string) => ({
    path: resolve(path),
    role,
    isWatched: role !== 'users' || config.directory.file.watch,
  })
  const files = [
    ...config.sourceFiles.map(file('configuration')),
    file('users')(config.directory.file.path),
    ...(tls ? [tls.certificateFile, tls.keyFile, ...tls.clientCertificateFiles] : []).map(file('certificate')),
    ...(assetPath === undefined ? [] : ['favicon.ico', 'logo.png'].map((name) => file('asset')(join(assetPath, name)))),
    ...rulesTests.map(file('rules-tests')),
  ]
  return {
    files: unique(files),
    folders: [
      ...config.sourceDirectories.map((path) => ({ path, role: 'configuration' as const, names: YAML })),
      ...foldersOfYaml(config.sourceFiles).map((path) => ({ path, role: 'rules-tests' as const, names: RULES_TESTS })),
      ...(assetPath === undefined
        ? []
        : [{ path: localesIn(assetPath), role: 'asset' as const, names: CATALOGUE_FILE }]),
      ...mailFolders(config),
      ...[...TEMPLATE_FOLDERS, EMAIL_TEMPLATES].map((path) => ({ path, role: 'template' as const, names: TEMPLATE })),
    ],
  }
}

function mailFolders({ notifier, certificatesDirectory }: Config): InputFolder[] {
  const { templatePath } = notifier
  return [
    ...(templatePath === undefined ? [] : [{ path: templatePath, role: 'template' as const, names: TEMPLATE }]),
    ...(certificatesDirectory === undefined
      ? []
      : [{ path: certificatesDirectory, role: 'certificate' as const, names: CERTIFICATE }]),
  ]
}

/** A configuration that failed has inputs too: its change may mend it. */
export function mergeInputs(a: Inputs, b: Inputs): Inputs {
  const folders = new Map([...a.folders, ...b.folders].map((folder) => [`${folder.path} ${folder.names}`, folder]))
  return { files: unique([...a.files, ...b.files]), folders: [...folders.values()] }
}

export const watchedInputs = ({ files, folders }: Inputs): Inputs => ({
  files: files.filter(({ isWatched }) => isWatched),
  folders,
})

/** Of a configuration that could not be used. */
export const sourceInputs = (files: readonly string[], folders: readonly string[]): Inputs => ({
  files: files.map((path) => ({ path, role: 'configuration', isWatched: true })),
  folders: folders.map((path) => ({ path, role: 'configuration', names: YAML })),
})

const foldersOfYaml = (files: readonly string[]): string[] => [
  ...new Set(files.filter((path) => YAML.test(path)).map((path) => dirname(path))),
]

const unique = (files: readonly InputFile[]): InputFile[] =>
  [...new Map(files.toReversed().map((file) => [file.path, file])).values()].reverse()

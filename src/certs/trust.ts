// How an authority of one's own is made known to each system and program that should trust it. Says it, does nothing.

export interface TrustSteps {
  /** Short name, to choose by. */
  readonly system: string
  readonly title: string
  /** Commands are whole lines that begin with `$ ` (or `> ` on Windows); everything else is for people. */
  readonly steps: readonly string[]
}

/** @param file path of the authority's certificate (PEM). @param name its name, from which a file name is made */
export function trustSteps(file: string, name: string): readonly TrustSteps[] {
  const from = quoted(file)
  const slug =
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '') || 'own-ca'
  return [
    {
      system: 'debian',
      title: 'Debian, Ubuntu, Raspberry Pi OS, Alpine',
      steps: [`$ sudo cp ${from} /usr/local/share/ca-certificates/${slug}.crt`, '$ sudo update-ca-certificates'],
    },
    {
      system: 'fedora',
      title: 'Fedora, RHEL, Rocky, Alma',
      steps: [`$ sudo cp ${from} /etc/pki/ca-trust/source/anchors/${slug}.crt`, '$ sudo update-ca-trust'],
    },
    {
      system: 'suse',
      title: 'openSUSE',
      steps: [`$ sudo cp ${from} /etc/pki/trust/anchors/${slug}.crt`, '$ sudo update-ca-certificates'],
    },
    { system: 'arch', title: 'Arch', steps: [`$ sudo trust anchor --store ${from}`] },
    { system: 'nixos', title: 'NixOS', steps: [`security.pki.certificateFiles = [ ./${slug}.crt ];`] },
    {
      system: 'macos',
      title: 'macOS (Safari, Chrome)',
      steps: [`$ sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain ${from}`],
    },
    {
      system: 'windows',
      title: 'Windows (Edge, Chrome), as administrator',
      steps: [`> certutil -addstore -f Root ${/\s/.test(file) ? `"${file}"` : file}`],
    },
    {
      system: 'firefox',
      title: 'Firefox, everywhere',
      steps: [
        'Settings, Privacy & Security, Certificates, View Certificates, Authorities, Import; tick "identify websites".',
      ],
    },
    {
      system: 'chrome',
      title: 'Chrome and Chromium on Linux (package libnss3-tools or nss-tools)',
      steps: [`$ certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n ${slug} -i ${from}`],
    },
    {
      system: 'ios',
      title: 'iPhone, iPad',
      steps: [
        'Send the file to the device and open it, then Settings, General, VPN & Device Management: install it.',
        'Then Settings, General, About, Certificate Trust Settings: switch it on.',
      ],
    },
    {
      system: 'android',
      title: 'Android',
      steps: [
        'Settings, Security, Encryption & credentials, Install a certificate, CA certificate.',
        "Browsers trust it then; most other apps don't look there.",
      ],
    },
    { system: 'java', title: 'Java', steps: [`$ sudo keytool -importcert -cacerts -alias ${slug} -file ${from}`] },
    {
      system: 'programs',
      title: 'One program only',
      steps: [
        `$ curl --cacert ${from} https://…`,
        `$ export NODE_EXTRA_CA_CERTS=${from}      # Node`,
        `$ export REQUESTS_CA_BUNDLE=${from}       # Python requests`,
        `$ export SSL_CERT_FILE=${from}            # Go, OpenSSL`,
      ],
    },
  ]
}

/** For a POSIX shell. */
const quoted = (text: string): string => (/^[\w./@%+=:,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`)

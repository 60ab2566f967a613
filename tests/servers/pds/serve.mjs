// A PDS, and the directory of accounts that it needs, on loopback until standard input closes.
// node serve.mjs FOLDER PORT PORT-OF-DIRECTORY, in the folder where both are installed; prints a line when ready.
import crypto from 'node:crypto'
import { createRequire } from 'node:module'
import path from 'node:path'

const installed = createRequire(path.join(process.cwd(), 'package.json'))
const { PDS, envToCfg, envToSecrets } = await import(installed.resolve('@atproto/pds'))
const plc = installed('@did-plc/server')

const folder = process.argv[2]
const [port, plcPort] = process.argv.slice(3).map(Number)

const directory = plc.PlcServer.create({ db: plc.Database.mock(), port: plcPort })
await directory.start()

const env = {
  devMode: true,
  port,
  hostname: 'localhost',
  dataDirectory: folder,
  blobstoreDiskLocation: path.join(folder, 'blobs'),
  didPlcUrl: `http://localhost:${plcPort}`,
  serviceHandleDomains: ['.test'],
  inviteRequired: false,
  rateLimitsEnabled: false,
  adminPassword: crypto.randomBytes(16).toString('hex'),
  jwtSecret: crypto.randomBytes(16).toString('hex'),
  plcRotationKeyK256PrivateKeyHex: crypto.randomBytes(32).toString('hex'),
}
const server = await PDS.create(envToCfg(env), envToSecrets(env))
await server.start()
process.stdout.write('ready\n')

process.stdin.resume()
process.stdin.on('end', async () => {
  await server.destroy()
  await directory.destroy()
  process.exit(0)
})

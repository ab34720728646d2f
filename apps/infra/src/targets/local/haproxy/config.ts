import type { ServiceDescription } from '../template/service-description.ts'

/** A place for one task behind the load balancer. */
export interface Slot {
  readonly name: string
  /** Port of its task on 127.0.0.1; undefined for a free slot. */
  readonly port: number | undefined
}

export interface ProxySettings {
  /** Names the workspace, so that a running HAProxy can be told from another's. */
  readonly node: string
  readonly httpsPort: number
  readonly socket: string
  /** Certificate and key in one PEM file. */
  readonly leaf: string
  readonly balancer: ServiceDescription['balancer']
}

/** The backend with the tasks. */
export const backend = 'tasks'

/** The way in. */
export const frontend = 'https'

/** The last few thousand requests, in HAProxy's memory: nothing is written to disk for a request that went well. */
export const requestRing = 'requests'

// Time it came (s.ms), status, milliseconds until the answer began, until it ended, how it ended, task, request.
const requestFormat = '%Ts.%ms %ST %Tr %Ta %ts %s %HM %HP'

/**
 * HAProxy's configuration: TLS on loopback, health checks as the target group has them, draining through the admin
 * socket. Slots in use are written with their port, so that HAProxy started again serves what served before.
 *
 * Retries: a request that never reached a task goes to another one; POST is never sent twice.
 */
export function proxyConfig(settings: ProxySettings, slots: readonly Slot[]): string {
  const { balancer, httpsPort, node } = settings
  const { health } = balancer
  const balance = balancer.algorithm === 'round_robin' ? 'roundrobin' : 'leastconn'
  return `global
    node ${node}
    maxconn 1000
    stats socket ${quoted(settings.socket)} mode 600 level admin expose-fd listeners
    stats timeout 30s
    hard-stop-after ${balancer.drainSeconds + 30}s
    ssl-default-bind-options ssl-min-ver TLSv1.2
    log stdout format raw local0 notice
ring ${requestRing}
    format raw
    maxlen 256
    size 262144
defaults
    mode http
    log global
    option log-separate-errors
    option log-health-checks
    timeout connect 200ms
    timeout client ${balancer.idleSeconds}s
    timeout server ${balancer.idleSeconds}s
    timeout http-request 10s
    timeout http-keep-alive ${balancer.idleSeconds}s
    timeout queue 5s
    timeout check ${health.timeoutSeconds}s
    retries 3
    option redispatch 1
frontend ${frontend}
    log ring@${requestRing} format raw local0
    log-format "${requestFormat}"
    bind 127.0.0.1:${httpsPort} ssl crt ${quoted(settings.leaf)} alpn h2,http/1.1
    option idle-close-on-response
    option forwardfor
    http-request set-header X-Forwarded-Proto https
    http-request set-header X-Forwarded-Port ${httpsPort}
    default_backend ${backend}
backend ${backend}
    balance ${balance}
    option httpchk
    http-check send meth GET uri ${health.path} ver HTTP/1.1 hdr Host localhost
    http-check expect status ${health.codes}
    http-reuse safe
    retry-on conn-failure empty-response response-timeout
    http-request disable-l7-retry if METH_POST
    default-server check inter 500ms fastinter 100ms downinter 200ms fall ${health.unhealthyThreshold} rise ${health.healthyThreshold} observe layer4 error-limit 2 on-error mark-down maxconn 500
${slots.map((slot) => `    server ${slot.name} 127.0.0.1:${slot.port ?? 9}${slot.port === undefined ? ' disabled' : ''}\n`).join('')}`
}

/** Names of all slots a service may need: what may run at once, and two more for tasks on their way out. */
export function slotNames(rollout: ServiceDescription['rollout']): readonly string[] {
  const most = Math.ceil((rollout.desiredCount * rollout.maximumPercent) / 100) + 2
  return Array.from({ length: most }, (_, index) => `s${index + 1}`)
}

/** A path as one word. Source: HAProxy Configuration Manual 2.6, section 2.2 "Quoting and escaping": nothing is special in single quotes but their end. */
function quoted(path: string): string {
  return `'${path.replaceAll("'", String.raw`'\''`)}'`
}

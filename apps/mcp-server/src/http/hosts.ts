const loopbackNames = ['localhost', '127.0.0.1', '[::1]']
const authorityPattern = /^((?:\[[0-9a-f:]+\])|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::(\d{1,5}))?$/
const originPattern = /^(https?):\/\/([^/?#@]+)$/

/** Whether the value of a header may pass. Values seen before are remembered, up to a bound. */
export type HeaderCheck = (value: string | undefined) => boolean

/**
 * Checks the Host header, against DNS rebinding. Items of the list are `name`, for any port, or `name:port`; `*`
 * lets every well-formed host pass. Undefined: names of loopback. Source: MCP, "Transports", security warning.
 */
export function hostCheck(allowed: readonly string[] | undefined): HeaderCheck {
  const names = new Set(allowed ?? loopbackNames)
  return remembering((value) => {
    const match = authorityPattern.exec(value?.toLowerCase() ?? '')
    if (match === null) return false
    const [authority, name = ''] = match
    return names.has('*') || names.has(authority) || names.has(name)
  })
}

/** Checks the Origin header, which only browsers send: none passes. Undefined: http and https on names of loopback. */
export function originCheck(allowed: readonly string[] | undefined): HeaderCheck {
  if (allowed !== undefined) {
    const origins = new Set(allowed)
    return remembering((value) => value === undefined || origins.has(value.toLowerCase()))
  }
  const isLoopback = hostCheck(undefined)
  return remembering((value) => {
    if (value === undefined) return true
    const match = originPattern.exec(value.toLowerCase())
    return match !== null && isLoopback(match[2])
  })
}

const remembered = 64

function remembering(check: HeaderCheck): HeaderCheck {
  const passed = new Set<string | undefined>()
  return (value) => {
    if (passed.has(value)) return true
    if (!check(value)) return false
    if (passed.size < remembered) passed.add(value)
    return true
  }
}

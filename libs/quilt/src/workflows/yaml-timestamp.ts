import { PythonObject } from './python-object.ts'

/** Source: PyYAML 6.0.3, constructor.py (SafeConstructor.timestamp_regexp). */
const pattern =
  /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:(?:[Tt]|[ \t]+)([0-9]{1,2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]*))?(?:[ \t]*(Z|([-+])([0-9]{1,2})(?::([0-9]{2}))?))?)?$/

/** A date, or a date with a time, as Python shows it; undefined where there is no such day or time. */
export function timestamp(text: string): PythonObject | undefined {
  const match = pattern.exec(text)
  if (match === null) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((each) => Number(each ?? '0'))
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return undefined
  const date = `${String(year)}, ${String(month)}, ${String(day)}`
  if (match[4] === undefined) return new PythonObject(`datetime.date(${date})`)
  if (hour > 23 || minute > 59 || second > 59) return undefined
  const micros = Number((match[7] ?? '').slice(0, 6).padEnd(6, '0'))
  const zone = match[8] === undefined ? '' : zoneOf(match[9] ?? '', Number(match[10]), Number(match[11] ?? 0))
  if (zone === undefined) return undefined
  const time = [
    hour,
    minute,
    ...(second === 0 && micros === 0 ? [] : [second]),
    ...(micros === 0 ? [] : [micros])
  ]
  return new PythonObject(`datetime.datetime(${date}, ${time.join(', ')}${zone})`)
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return [4, 6, 9, 11].includes(month) ? 30 : 31
}

/** The last part of the text; undefined for an offset of a day and more. */
function zoneOf(sign: string, hours: number, minutes: number): string | undefined {
  const seconds = sign === '' ? 0 : (hours * 60 + minutes) * 60
  if (seconds >= 86_400) return undefined
  if (seconds === 0) return ', tzinfo=datetime.timezone.utc'
  // A negative span is whole days and what is added to them.
  const delta = sign === '-' ? `days=-1, seconds=${String(86_400 - seconds)}` : `seconds=${String(seconds)}`
  return `, tzinfo=datetime.timezone(datetime.timedelta(${delta}))`
}

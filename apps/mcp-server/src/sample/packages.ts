/** One revision of a sample package. */
export interface SampleRevision {
  /** Unix seconds; fixed, so that the registry is the same at every build. */
  readonly pushedAt: number
  readonly message: string
  /** Logical key to file of the npm package vega-datasets, in its folder data. */
  readonly data: Readonly<Record<string, string>>
  readonly meta: Readonly<Record<string, unknown>>
  /** What README.md says below its title. */
  readonly readme: string
}

export interface SamplePackage {
  readonly name: string
  readonly title: string
  /** Oldest first; a later revision holds everything it lists, not only what changed. */
  readonly revisions: readonly [SampleRevision, ...SampleRevision[]]
}

const day = 86_400
/** 1 September 2025, 09:00 UTC. */
const begin = 1_756_717_200

/**
 * The packages of the sample registry: public data sets that may be passed on (works of the United States government,
 * CC0, CC BY, BSD, ISC). Each README names source and licence of every file, from datapackage.json of vega-datasets.
 */
export const samplePackages: readonly SamplePackage[] = [
  {
    name: 'biology/penguins',
    title: 'Palmer penguins',
    revisions: [
      {
        pushedAt: begin,
        message: 'First look at the penguins',
        data: { 'penguins.json': 'penguins.json' },
        meta: { subject: 'biology', species: 3 },
        readme: 'Measurements of 344 penguins of three species in the Palmer Archipelago, Antarctica.'
      },
      {
        pushedAt: begin + 3 * day,
        message: 'Antibiotics beside the penguins',
        data: { 'penguins.json': 'penguins.json', 'reference/antibiotics.json': 'burtin.json' },
        meta: { subject: 'biology', species: 3, licence: 'CC0-1.0', reviewed: true },
        readme:
          'Measurements of 344 penguins of three species in the Palmer Archipelago, Antarctica, and how 16 bacteria react to three antibiotics.'
      }
    ]
  },
  {
    name: 'climate/global-temperature',
    title: 'Global temperature and carbon dioxide',
    revisions: [
      {
        pushedAt: begin + day,
        message: 'Temperature and carbon dioxide, yearly and monthly',
        data: { 'temperature.csv': 'global-temp.csv', 'co2.csv': 'co2-concentration.csv' },
        meta: { subject: 'climate', from: 1880, to: 2023 },
        readme:
          'How much warmer or colder every year from 1880 to 2023 was than usual, over land and sea, and the carbon dioxide in the air at Mauna Loa, monthly from 1958 to 2020.'
      }
    ]
  },
  {
    name: 'climate/seattle-weather',
    title: 'Weather of Seattle',
    revisions: [
      {
        pushedAt: begin + 2 * day,
        message: 'Daily weather of Seattle, 2012 to 2015',
        data: { 'seattle-weather.csv': 'seattle-weather.csv' },
        meta: { subject: 'climate', station: 'Seattle-Tacoma' },
        readme: 'Daily rain, temperature and wind at Seattle, 2012 to 2015.'
      },
      {
        pushedAt: begin + 5 * day,
        message: 'New York to compare with',
        data: { 'seattle-weather.csv': 'seattle-weather.csv', 'compare/two-cities.csv': 'weather.csv' },
        meta: { subject: 'climate', station: 'Seattle-Tacoma', cities: ['Seattle', 'New York'] },
        readme:
          'Daily rain, temperature and wind at Seattle, 2012 to 2015, and the same days at New York beside it.'
      },
      {
        pushedAt: begin + 9 * day,
        message: 'Rain over the whole earth, for context',
        data: {
          'seattle-weather.csv': 'seattle-weather.csv',
          'compare/two-cities.csv': 'weather.csv',
          'compare/global/annual-precipitation.json': 'annual-precip.json'
        },
        meta: {
          subject: 'climate',
          station: 'Seattle-Tacoma',
          cities: ['Seattle', 'New York'],
          reviewed: true
        },
        readme:
          'Daily rain, temperature and wind at Seattle, 2012 to 2015, the same days at New York, and the rain of 2016 over the whole earth on a grid of one degree.'
      }
    ]
  },
  {
    name: 'economy/us-employment',
    title: 'Employment in the United States',
    revisions: [
      {
        pushedAt: begin + 4 * day,
        message: 'Employment by sector and unemployment by county',
        data: { 'employment.csv': 'us-employment.csv', 'counties/unemployment.tsv': 'unemployment.tsv' },
        meta: { subject: 'economy', source: 'Bureau of Labor Statistics' },
        readme: 'Employment by sector, monthly from 2006 to 2015, and unemployment by county around 2009.'
      }
    ]
  },
  {
    name: 'geography/boundaries',
    title: 'Boundaries of the earth',
    revisions: [
      {
        pushedAt: begin + 6 * day,
        message: 'Countries of the earth and capitals of the states',
        data: {
          'world-110m.json': 'world-110m.json',
          'points/us-state-capitals.json': 'us-state-capitals.json'
        },
        meta: { subject: 'geography', format: 'TopoJSON' },
        readme:
          'Countries of the earth at 1:110,000,000 as TopoJSON, and the capitals of the states of the United States as points.'
      }
    ]
  },
  {
    name: 'health/gapminder',
    title: 'Health and income of nations',
    revisions: [
      {
        pushedAt: begin + 7 * day,
        message: 'Income, life expectancy and fertility by country',
        data: {
          'gapminder.json': 'gapminder.json',
          'health-income.csv': 'gapminder-health-income.csv',
          'countries.json': 'countries.json'
        },
        meta: { subject: 'health', licence: 'CC-BY-4.0', source: 'Gapminder Foundation' },
        readme: 'Life expectancy, fertility, income and population by country and year.'
      }
    ]
  },
  {
    name: 'transport/flights',
    title: 'Flights in the United States',
    revisions: [
      {
        pushedAt: begin + 8 * day,
        message: 'A sample of 2,000 flights',
        data: { 'samples/flights-2k.json': 'flights-2k.json', 'airports.csv': 'airports.csv' },
        meta: { subject: 'transport', rows: 2000 },
        readme: 'Delays of 2,000 flights in 2001, and the airports they use.'
      },
      {
        pushedAt: begin + 12 * day,
        message: 'All 200,000 flights as Arrow, and the routes',
        data: {
          'samples/flights-2k.json': 'flights-2k.json',
          'airports.csv': 'airports.csv',
          'flights-200k.arrow': 'flights-200k.arrow',
          'routes/2008.csv': 'flights-airport.csv'
        },
        meta: { subject: 'transport', rows: 200_000, formats: ['json', 'csv', 'arrow'] },
        readme:
          'Delays of 200,000 flights in 2001, as an Arrow table and in part as JSON, the airports, and the number of flights on each route in 2008.'
      }
    ]
  }
]

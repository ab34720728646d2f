import { readPipelineEnvironment } from '@fast-mcp/validation'
import { infraApp } from './app.ts'

// The CDK app as the CDK's own command line and libraries run it: they name the output folder in CDK_OUTDIR.
infraApp(readPipelineEnvironment(process.env)).synth()

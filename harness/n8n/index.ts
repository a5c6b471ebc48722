export { installPackages } from './apt';
export { freshLog, cacheFolder } from './cache';
export { describe, outputItems, type BinaryFile, type Execution, type OutputItem } from './executions';
export { hostVersions, installHost, NEWEST_N8N, type Host } from './install';
export { mustSucceed, N8nInstance, type InstanceOptions } from './instance';
export { packPackage, REPOSITORY, unpackTarball } from './package';
export { freePorts } from './ports';
export { CommandFailed, runProcess, startProcess, type RunningProcess } from './process';
export { withProgress } from './progress';
export { LUMA_RAY, lumaRayNode, PROVIDERS, forProvider, type Provider } from './providers';
export { OWNER, RestClient } from './rest-client';
export { installServices, startPostgres, startRedis, type Redis, type Service } from './services';
export {
	chain,
	exampleNames,
	readExample,
	type Credential,
	type Workflow,
	type WorkflowNode,
} from './workflows';

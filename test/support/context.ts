export { contextWith } from '../../harness/engine/context';

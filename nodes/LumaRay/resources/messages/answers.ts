import { aboutKey, credentialField, namesOf, option, quoted } from './names';
import { INFRASTRUCTURE, sayNoAnswer, sayRefusals } from './reasons';
import { sayRemedy, type Wordings } from './wording';

/** Answers of a provider about the account, the input or the provider itself. */
export const ANSWERS = {
	keyRefused({ data, httpStatus }) {
		const names = namesOf(data.provider);
		return {
			message: `${names.name} does not accept the API key${httpStatus === 403 ? ' for this request' : ''}`,
			description: `Check ${credentialField(names, 'apiKey')} in the credential ${quoted(names.credential.displayName)}. ${aboutKey(names)}`,
		};
	},
	noAccess({ data, said }) {
		const { name, credential, links } = namesOf(data.provider);
		return {
			message: `The API key has no access to this model at ${name}`,
			description: `Give the key in the credential ${quoted(credential.displayName)} access to the model at ${links.keys}.${quote(name, said)}`,
		};
	},
	balanceUsedUp({ data, said }) {
		const { name, links, money } = namesOf(data.provider);
		return {
			message: `The ${money.name} of the ${name} account ${money.isMany ? 'are' : 'is'} used up`,
			description: `Top up at ${links.billing}, then run the item again.${quote(name, said)}`,
		};
	},
	tooManyRequests({ data, said }) {
		return {
			message: `${namesOf(data.provider).name} accepts no more requests right now${said ? `: ${said}` : ''}`,
			description: `Wait a moment, or lower ${option('concurrency')} in the options.`,
		};
	},
	said({ data, said, remedy }) {
		return {
			message: `${namesOf(data.provider).name}: ${said ?? 'no reason was given'}`,
			description: sayRemedy(remedy, data.provider),
		};
	},
	inputRefused({ data, remedy }) {
		return { message: sayRefusals(data), description: sayRemedy(remedy, data.provider) };
	},
	inputRefusedSilently({ data }) {
		return {
			message: `${namesOf(data.provider).name}: the input was refused, and no reason was given`,
			description: sayRemedy('changePromptOrImage', data.provider),
		};
	},
	infrastructure({ data: { provider, why } }) {
		return {
			message: `${namesOf(provider).name}: ${INFRASTRUCTURE[why]}`,
			description: sayRemedy('runLater', provider),
		};
	},
	unavailable({ data, httpStatus }) {
		return {
			message: `${namesOf(data.provider).name} is not available right now (HTTP ${httpStatus})`,
			description: sayRemedy('runLater', data.provider),
		};
	},
	notUnderstood({ data, httpStatus }) {
		const names = namesOf(data.provider);
		return {
			message: `${names.name} sent an answer that this node does not understand (HTTP ${httpStatus})`,
			description: `Check the addresses under ${credentialField(names, 'customEndpoints')} in the credential ${quoted(names.credential.displayName)}.`,
		};
	},
	noAnswer({ data }) {
		return {
			message: `${namesOf(data.provider).name}${data.part ? "'s storage" : ''} did not answer: ${sayNoAnswer(data)}`,
			description: 'Check the network and try again.',
		};
	},
	unknownJob({ data: { provider, requestId } }) {
		const { name } = namesOf(provider);
		return {
			message: `${name} has no generation with the request ID ${requestId}`,
			description: `Use the requestId of an item from this node, and a credential of the same ${name} account.`,
		};
	},
} satisfies Partial<Wordings>;

/** The provider's own words, to add after what to do. */
function quote(name: string, said: string | undefined): string {
	return said ? ` ${name} said: ${said}` : '';
}

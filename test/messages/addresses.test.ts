import { LumaRay } from '../../nodes/LumaRay/LumaRay.node';
import { PARAMETER_NAMES, PARAMETERS } from '../../nodes/LumaRay/models/parameters';
import { wordInputRefusal } from '../../nodes/LumaRay/resources/messages/input';

/** The message for a value that should be an address and is not. */

function remedyFor(parameter: keyof typeof PARAMETERS): string {
	return wordInputRefusal({ parameter, value: 'tiger.png', why: 'notAnAddress' }).description;
}

const ofKind = (kind: string) => PARAMETER_NAMES.filter((name) => PARAMETERS[name].kind === kind);
const { properties } = new LumaRay().description;

test.each(ofKind('file'))('%s: the field beside it takes binary data instead', (name) => {
	// The form has the fields of a file side by side: where it comes from, then its address.
	const place = properties.findIndex((field) => field.name === name);
	expect(remedyFor(name)).toContain(`set '${properties[place - 1].displayName}' to Binary Data`);
});

test.each(ofKind('files'))('%s: a list of addresses takes no binary data', (name) => {
	expect(remedyFor(name)).toContain('https://');
	expect(remedyFor(name)).not.toContain('Binary Data');
});

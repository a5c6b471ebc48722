import { LumaRay } from '../../nodes/LumaRay/LumaRay.node';
import { PARAMETER_NAMES, PARAMETERS } from '../../nodes/LumaRay/models/parameters';
import { wordInputRefusal } from '../../nodes/LumaRay/resources/messages/input';

/** The message for a value that is not a URL but must be one. */

function remedyFor(parameter: keyof typeof PARAMETERS): string {
	return wordInputRefusal({ parameter, value: 'tiger.png', why: 'notAnAddress' }).description;
}

const ofKind = (kind: string) => PARAMETER_NAMES.filter((name) => PARAMETERS[name].kind === kind);
const { properties } = new LumaRay().description;

test.each(ofKind('file'))('the message about an invalid URL in %s suggests binary data', (name) => {
	// In the form, the field for the source of a file comes right before the field for its URL.
	const place = properties.findIndex((field) => field.name === name);
	expect(remedyFor(name)).toContain(`set '${properties[place - 1].displayName}' to Binary Data`);
});

test.each(ofKind('files'))(
	'the message about an invalid URL in the list %s does not suggest binary data',
	(name) => {
		expect(remedyFor(name)).toContain('https://');
		expect(remedyFor(name)).not.toContain('Binary Data');
	},
);

import type { Parameter } from './model';

/** A JSON schema, limited to what the providers' documents use. */
export type Schema = Record<string, unknown>;

/**
 * The schema of a parameter's values, without its title, description and default.
 * @param objectSchema how the document includes the schema of an object
 */
export function valueSchemaOf(
	parameter: Parameter,
	objectSchema: (name: string, properties: readonly Parameter[]) => Schema,
): Schema {
	const { type, nullable, options, properties, shortest, longest, least, most } = parameter;
	const bounds = {
		...(least !== undefined && { minimum: least }),
		...(most !== undefined && { maximum: most }),
	};
	const withoutNull = () => {
		switch (type) {
			case 'strings':
			case 'integers':
				return {
					type: 'array',
					items: type === 'strings' ? { type: 'string' } : { type: 'integer', ...bounds },
					...(shortest !== undefined && { minItems: shortest }),
					...(longest !== undefined && { maxItems: longest }),
				};
			case 'object':
				return objectSchema(parameter.name, properties!);
			default:
				return {
					type,
					...(options && { enum: options }),
					...(shortest !== undefined && { minLength: shortest }),
					...(longest !== undefined && { maxLength: longest }),
					...bounds,
				};
		}
	};
	return nullable === true ? { anyOf: [withoutNull(), { type: 'null' }] } : withoutNull();
}

export function requiredNames(parameters: readonly Parameter[]): string[] {
	return parameters.filter(({ required }) => required).map(({ name }) => name);
}

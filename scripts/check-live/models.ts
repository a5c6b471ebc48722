import type { Catalogue } from '../../nodes/LumaRay/models/catalogue';
import { differencesFrom, nearestEdition } from '../../nodes/LumaRay/models/differences';
import type { ModelName } from '../../nodes/LumaRay/models/names';
import type { Provider } from '../../nodes/LumaRay/providers/provider';
import { wordProblem } from '../../nodes/LumaRay/resources/messages';
import { Difference, Unchecked, type Fact } from './facts';

export type DescribeModel = Provider['describe'];

/** The live description of a model matches one of the catalogue's editions. */
export function modelFact(
	catalogue: Catalogue,
	model: ModelName,
	where: string,
	describe: DescribeModel,
): Fact {
	return {
		says: `The description of ${model} is that of an edition`,
		where: `${where} (parameters)`,
		check: async () => {
			const described = await describe(model, new AbortController().signal);
			if (!described.ok) throw new Unchecked(wordProblem(described.problem).message);
			const { schema } = described.value;
			const edition = nearestEdition(schema, catalogue.models[model]);
			const differences = differencesFrom(schema, edition);
			if (differences.length === 0) return;
			throw new Difference(`edition ${edition.id}`, JSON.stringify(differences));
		},
	};
}

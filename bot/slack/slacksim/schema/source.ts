// What the schema is made of: the published types, narrowed to the blocks that are known.
import type { HomeView, KnownBlock, ModalView } from '@slack/types';

export type Blocks = KnownBlock[];
export type Modal = Omit<ModalView, 'blocks'> & { blocks: KnownBlock[] };
export type Home = Omit<HomeView, 'blocks'> & { blocks: KnownBlock[] };

export interface Everything {
  blocks: Blocks;
  modal: Modal;
  home: Home;
}

// Events of store.js, by hand: a store of entries that every client keeps whole (the shape of Socket.IO's TodoMVC example).
export interface Entry {
  finished: boolean;
  editing: boolean;
  label: string;
}

export interface ServerToClientEvents {
  entries: (entries: Array<Entry>) => void;
}

export interface ClientToServerEvents {
  "update-store": (entries: Array<Entry>) => void;
}

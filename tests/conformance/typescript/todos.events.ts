// Events of todos.js, by hand: a list of tasks that is created, read, updated and deleted (the shape of Socket.IO's CRUD
// example). Answers are either an error or data there; here they are what the program really answers.
export interface Task {
  id: string;
  done: boolean;
  title: string;
}

export interface Answer<T> {
  data: T;
}

export interface ServerToClientEvents {
  "todo:created": (task: Task) => void;
  "todo:updated": (task: Task) => void;
  "todo:deleted": (id: Task["id"]) => void;
}

export interface ClientToServerEvents {
  "todo:list": (callback: (answer: Answer<Task[]>) => void) => void;
  "todo:create": (task: Omit<Task, "id">, callback: (answer: Answer<Task["id"]>) => void) => void;
  "todo:read": (id: Task["id"], callback: (answer: Answer<Task>) => void) => void;
  "todo:update": (task: Task, callback: (answer?: Answer<void>) => void) => void;
  "todo:delete": (id: Task["id"], callback: (answer?: Answer<void>) => void) => void;
}

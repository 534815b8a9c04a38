//! The requests, as OpenAPI 3.1.

use plenary_floor::FloorView;
use plenary_protocol::{Allowed, Command, CommandRow, Problem};
use schemars::JsonSchema;
use serde_json::{Map, Value, json};

use super::{
    examples::EXAMPLES,
    schemas::{Schemas, forms, remove},
};
use crate::http::{
    commands,
    routes::{Gives, Route, Who, routes},
};

/// The OpenAPI document of the server.
pub fn document(base_path: &str) -> Value {
    let mut schemas = Schemas::new();
    let problem = schemas.written.subschema_for::<Problem>();
    let mut paths = Paths::default();
    for route in routes() {
        let operation = operation(&route, &mut schemas);
        paths.add(route.path, route.method.as_str(), operation);
    }
    let bodies = forms(&Command::json_schema(&mut schemas.read));
    for command in Command::rows() {
        let Some(route) = command.rules.route else {
            continue;
        };
        let body = bodies.iter().find(|(kind, _)| kind == command.kind);
        let body = body.map(|(_, body)| body.clone()).unwrap_or_default();
        let operation = command_operation(&command, &route, body, &mut schemas);
        paths.add(&commands::path(&route), route.method.as_str(), operation);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Plenary",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Formal conferences of many cities: rooms, their floors, and the record.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": format!("{base_path}/api/v1") }],
        "security": [{ "token": [] }],
        "paths": paths.0,
        "components": {
            "securitySchemes": { "token": {
                "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                "description": "From redeeming an invitation. It lasts for a quarter of an hour; renew it before.",
            } },
            "responses": { "Problem": {
                "description": "A refusal (RFC 9457): nothing changed. `code` is for programs, `detail` is a sentence for people.",
                "content": { "application/problem+json": { "schema": problem, "example": Problem::new(
                    plenary_protocol::Code::ListClosed, "The list of speakers is closed; ask the chair to admit you.") } },
            } },
            "schemas": schemas.definitions(),
        },
    })
}

#[derive(Debug, Default)]
struct Paths(Map<String, Value>);

impl Paths {
    fn add(&mut self, path: &str, method: &str, operation: Value) {
        let item = self.0.entry(path).or_insert_with(|| json!({}));
        if let Value::Object(item) = item {
            item.insert(method.to_owned(), operation);
        }
    }
}

fn operation(route: &Route, schemas: &mut Schemas) -> Value {
    let mut parameters = in_path(route.path);
    for (name, description, example) in route.query {
        let schema = json!({ "type": "string" });
        parameters.push(json!({
            "name": name, "in": "query", "description": description, "schema": schema, "example": example,
        }));
    }
    let example = EXAMPLES.answers.get(route.name);
    let answer = match route.gives {
        Gives::Nothing => json!({ "description": "It was done." }),
        Gives::Text(kind) => json!({
            "description": "It was done.",
            "content": { kind: { "schema": { "type": "string" } } },
        }),
        Gives::File(kinds) => {
            let file = json!({ "schema": { "type": "string", "format": "binary" } });
            let content = kinds.iter().map(|kind| ((*kind).to_owned(), file.clone()));
            let content: Map<String, Value> = content.collect();
            json!({ "description": "It was done.", "content": content })
        }
        Gives::Json(of) => answer(&of(&mut schemas.written).to_value(), example),
        Gives::Forms(of, forms) => {
            let mut answer = answer(&of(&mut schemas.written).to_value(), example);
            for other in forms.iter().filter(|form| **form != "application/json") {
                answer["content"][*other] = json!({ "schema": { "type": "string" } });
            }
            answer
        }
    };
    let mut operation = json!({
        "operationId": route.name,
        "summary": route.does,
        "description": who(route.who),
        "parameters": parameters,
        "responses": responses(route.status.as_u16(), &answer),
    });
    if route.name == "floor" {
        operation["responses"]["200"]["headers"] = tag();
    }
    if route.who == Who::Anybody {
        operation["security"] = json!([]);
    }
    if !route.file.is_empty() {
        let content = route
            .file
            .iter()
            .map(|kind| ((*kind).to_owned(), json!({})));
        let content: Map<String, Value> = content.collect();
        operation["requestBody"] = json!({ "required": true, "content": content });
    }
    if let Some(body) = route.body {
        let example = EXAMPLES.requests.get(route.name);
        operation["requestBody"] = request_body(&body(&mut schemas.read).to_value(), example, true);
    }
    operation
}

fn command_operation(
    command: &CommandRow,
    route: &plenary_protocol::Route,
    body: Map<String, Value>,
    schemas: &mut Schemas,
) -> Value {
    let fields = EXAMPLES.commands.get(command.kind);
    let fields = fields
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    let path = commands::path(route);
    let (body, example) = in_body(&path, body, fields);
    let mut parameters = in_path(&path);
    parameters.extend(command_headers());
    let summary = body.get("description").cloned().unwrap_or_default();
    let needed = body
        .get("required")
        .and_then(Value::as_array)
        .is_some_and(|it| !it.is_empty());
    let schema = (command.rules.result)(&mut schemas.written);
    let is_the_floor = schema == schemas.written.subschema_for::<FloorView>();
    let example_of_it = EXAMPLES.answers.get(command.kind);
    let answer = answer(&schema.to_value(), example_of_it);
    let mut responses = responses(route.status, &answer);
    if is_the_floor {
        responses[route.status.to_string()]["headers"] = tag();
    }
    json!({
        "operationId": command.kind,
        "summary": summary,
        "description": for_roles(command.rules.allowed),
        "parameters": parameters,
        "requestBody": request_body(&Value::Object(body), Some(&Value::Object(example)), needed),
        "responses": responses,
    })
}

/// The description of the floor's `ETag`, for every response that has it.
fn tag() -> Value {
    json!({ "ETag": {
        "description": "The floor's version.", "schema": { "type": "string" }, "example": "\"42\"",
    } })
}

/// The part of a command's schema, or of its example, that is in the body: the fields that are not in the path.
fn in_body(
    path: &str,
    mut body: Map<String, Value>,
    mut fields: Map<String, Value>,
) -> (Map<String, Value>, Map<String, Value>) {
    let said: Vec<&str> = path_parameters(path).chain(["type"]).collect();
    remove(&mut body, &said);
    fields.retain(|word, _| !said.contains(&word.as_str()));
    (body, fields)
}

fn request_body(schema: &Value, example: Option<&Value>, required: bool) -> Value {
    json!({
        "required": required,
        "content": { "application/json": { "schema": schema, "example": example } },
    })
}

fn answer(schema: &Value, example: Option<&Value>) -> Value {
    let mut content = json!({ "schema": schema });
    if let Some(example) = example {
        content["example"] = example.clone();
    }
    json!({ "description": "It was done.", "content": { "application/json": content } })
}

fn responses(status: u16, answer: &Value) -> Value {
    let problem = json!({ "$ref": "#/components/responses/Problem" });
    let mut responses = json!({ "4XX": problem, "5XX": problem });
    responses[status.to_string()] = answer.clone();
    responses
}

fn who(who: Who) -> String {
    match who {
        Who::Anybody => "For anybody, without a token.".to_owned(),
        Who::Bearer => "For everybody with a token.".to_owned(),
        Who::May(access) => for_roles(access.allowed()),
        Who::MayGive(kind) => Command::rows()
            .find(|command| command.kind == kind)
            .map_or_else(String::new, |command| for_roles(command.rules.allowed)),
    }
}

fn for_roles(allowed: Allowed) -> String {
    format!("For {allowed}.")
}

/// The names in a path that stand in braces.
fn path_parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

fn in_path(path: &str) -> Vec<Value> {
    let parameter = |word| {
        json!({
            "name": word, "in": "path", "required": true,
            "schema": { "type": "string" }, "example": EXAMPLES.names.get(word),
        })
    };
    path_parameters(path).map(parameter).collect()
}

/// The headers of a command: its idempotency key and its `If-Match`.
fn command_headers() -> [Value; 2] {
    [
        json!({
            "name": "Idempotency-Key", "in": "header", "schema": { "type": "string", "pattern": "^[!-~]{1,128}$" },
            "description": "A name for this command: sent again by the same person, it gives the same reply and is done once.",
            "example": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
        }),
        json!({
            "name": "If-Match", "in": "header", "schema": { "type": "string" },
            "description": "The floor's ETag: if the floor has changed since, the command is refused with 412.",
        }),
    ]
}

//! The rules of each type of command: the roles that may give it, its address over HTTP, and its result.

use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::permission::Allowed;

/// A row of the table of commands.
#[derive(Debug, Clone, Copy)]
pub struct CommandRow {
    /// The `type` of the command.
    pub kind: &'static str,
    /// The rules that hold for it.
    pub rules: Rules,
}

/// The rules of a command, the same for every caller and every transport.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// The roles that may give it.
    pub allowed: Allowed,
    /// Its address over HTTP. A command without one concerns a device, which HTTP does not have, or the chat.
    pub route: Option<Route>,
    /// The schema of its result.
    pub result: SchemaOf,
}

/// The address of a command over HTTP.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// The method of the request.
    pub method: Method,
    /// The path under `/rooms/{room}`. A word in braces is the field of that name.
    pub path: &'static str,
    /// The status of a success.
    pub status: u16,
}

/// A method of HTTP (RFC 9110, section 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the methods")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// The method in lower case, as OpenAPI has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Post => "post",
            Self::Put => "put",
            Self::Patch => "patch",
            Self::Delete => "delete",
        }
    }
}

/// Describes a type to a document.
pub type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// The description of a type, for a document that describes each type once.
pub fn schema_of<T: JsonSchema>(schemas: &mut SchemaGenerator) -> Schema {
    schemas.subschema_for::<T>()
}

impl Rules {
    /// A command that those roles may give, without an address over HTTP.
    pub(super) const fn new<T: JsonSchema>(allowed: Allowed) -> Self {
        Self {
            allowed,
            route: None,
            result: schema_of::<T>,
        }
    }

    /// Serves the command at an address.
    pub(super) const fn at(self, method: Method, path: &'static str) -> Self {
        Self {
            route: Some(Route {
                method,
                path,
                status: 200,
            }),
            ..self
        }
    }

    /// Serves the command at an address to which one posts.
    pub(super) const fn post(self, path: &'static str) -> Self {
        self.at(Method::Post, path)
    }

    /// The same for a command that creates something (RFC 9110, section 15.3.2).
    pub(super) const fn create(self, path: &'static str) -> Self {
        Self {
            route: Some(Route {
                method: Method::Post,
                path,
                status: 201,
            }),
            ..self
        }
    }
}

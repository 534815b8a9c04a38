//! The operations of the HTTP API, as its document describes them.

use plenary_testkit::api::{Response, headers};
use serde_json::Value;

use crate::test_server::TestServer;

/// An operation.
pub struct Operation {
    pub name: String,
    pub method: String,
    /// With parameters in braces.
    pub template: String,
    /// With examples in place of the parameters.
    pub path: String,
    /// The example of the body.
    pub body: Option<Value>,
    /// The precondition headers that it takes: `Idempotency-Key`, `If-Match`.
    pub terms: Vec<String>,
}

impl Operation {
    pub async fn all(server: &TestServer) -> Vec<Self> {
        let document = server.call("GET", "/openapi.json", None, None).await.ok();
        let paths = document["paths"].as_object().unwrap();
        let operations = paths.iter().flat_map(|(path, item)| {
            let item = item.as_object().unwrap();
            item.iter().map(|(method, it)| Self::of(path, method, it))
        });
        operations.collect()
    }

    fn of(template: &str, method: &str, it: &Value) -> Self {
        let mut path = template.to_owned();
        for parameter in it["parameters"].as_array().unwrap() {
            if parameter["in"] == "path" {
                let word = format!("{{{}}}", parameter["name"].as_str().unwrap());
                path = path.replace(&word, parameter["example"].as_str().unwrap());
            }
        }
        let parameters = it["parameters"].as_array().unwrap().iter();
        let terms = parameters
            .filter(|it| it["in"] == "header")
            .map(|it| it["name"].as_str().unwrap().to_owned());
        let body = &it["requestBody"]["content"]["application/json"]["example"];
        Self {
            name: it["operationId"].as_str().unwrap().to_owned(),
            method: method.to_uppercase(),
            template: template.to_owned(),
            path,
            body: Some(body.clone()).filter(|body| !body.is_null()),
            terms: terms.collect(),
        }
    }

    /// Sends the example with these precondition headers.
    pub async fn ask_on(
        &self,
        server: &TestServer,
        token: &str,
        terms: &[(&str, &str)],
    ) -> Response {
        let body = self.body.as_ref().map(ToString::to_string);
        let path = format!("/api/v1{}", self.path);
        let headers = headers(Some(token), terms);
        server
            .send(&self.method, &path, &headers, body.unwrap_or_default())
            .await
    }

    /// Sends the example.
    pub async fn ask(&self, server: &TestServer, token: Option<&str>) -> Response {
        server
            .call(&self.method, &self.path, token, self.body.clone())
            .await
    }
}

//! Everything that can be asked over HTTP, as the document of the API has it.

use serde_json::Value;

use crate::hall::{Answer, Hall};

/// An operation.
pub struct Operation {
    pub name: String,
    pub method: String,
    /// With its words in braces.
    pub template: String,
    /// With its own examples in their place.
    pub path: String,
    /// The example of its body, where it has one.
    pub body: Option<Value>,
}

impl Operation {
    pub async fn all(hall: &Hall) -> Vec<Self> {
        let document = hall.call("GET", "/openapi.json", None, None).await.ok();
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
        let body = &it["requestBody"]["content"]["application/json"]["example"];
        Self {
            name: it["operationId"].as_str().unwrap().to_owned(),
            method: method.to_uppercase(),
            template: template.to_owned(),
            path,
            body: Some(body.clone()).filter(|body| !body.is_null()),
        }
    }

    /// Asks it as its example does.
    pub async fn ask(&self, hall: &Hall, token: Option<&str>) -> Answer {
        hall.call(&self.method, &self.path, token, self.body.clone())
            .await
    }
}

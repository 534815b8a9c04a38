//! Every request in docs/api.md gets the documented answer.

use crate::test_server::TestServer;

const PAGE: &str = include_str!("../../../docs/api.md");

#[tokio::test]
async fn every_request_in_the_book_is_answered_as_documented() {
    let server = TestServer::with_example_conference().await;
    let (_tokyo, _) = server.join("tokyo-1", "climate").await;
    let (invitation, token) = (server.invitation("tokyo-1"), server.token("tokyo-1").await);
    let page = PAGE
        .replace("$INVITATION", &invitation)
        .replace("$TOKEN", &token);
    let mut asked = 0;
    for block in page.split("```http\n").skip(1) {
        let mut lines = block.split("```").next().unwrap().lines();
        let (method, path) = lines.next().unwrap().split_once(' ').unwrap();
        let mut headers = Vec::new();
        let mut body = String::new();
        let mut expected = "";
        for line in lines {
            if let Some(answer) = line.strip_prefix("→ ") {
                expected = answer;
            } else if line.starts_with('{') {
                line.clone_into(&mut body);
            } else if let Some((name, value)) = line.split_once(": ") {
                headers.push((name.to_owned(), value.to_owned()));
            }
        }
        let answer = server.send(method, path, &headers, body).await;
        let status = answer.status.as_u16().to_string();
        let said = if answer.status.is_success() {
            status
        } else {
            format!("{status} {}", answer.code())
        };
        assert_eq!(said, expected, "{method} {path}: {answer:?}");
        asked += 1;
    }
    assert!(asked > 8);
}

"""How AWS serves the console: from a private bucket by CloudFront, whose page may call its own deployment alone."""

import re
from pathlib import Path
from typing import Any

import pytest

from handfast.console_site.files import ASSETS, TYPES, built, cache_control, digest
from handfast.edge import cors
from handfast_cli import browser
from handfast_cli.local import console as local
from tests.worlds.template import RESOURCES, ROOT
from tests.worlds.transformed import STRICTEST, Resource, resources, waits_for

DEFAULT = resources()
LOCAL = resources(Environment="local")
STRICT = resources(**STRICTEST)
CLOUDFRONT = "https://${ConsoleDistribution.DomainName}"
DOMAIN = "https://console.example.org"


def text(value: Any) -> str:
    return re.sub(r"\s+", " ", str(value))


def properties(name: str, stack: dict[str, Resource] = DEFAULT) -> dict[str, Any]:
    found: dict[str, Any] = stack[name]["Properties"]
    return found


def test_the_emulator_has_nothing_of_cloudfront() -> None:
    assert not [name for name, each in LOCAL.items() if each["Type"].startswith("AWS::CloudFront::")]
    kinds = {each["Type"].rpartition("::")[2] for each in DEFAULT.values() if "::CloudFront::" in each["Type"]}
    assert kinds == {"Distribution", "OriginAccessControl", "Function", "ResponseHeadersPolicy"}


def test_only_the_one_distribution_reads_the_bucket_and_nobody_without_tls() -> None:
    bucket = properties("ConsoleBucket")
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    reads, tls = properties("ConsoleBucketPolicy")["PolicyDocument"]["Statement"]
    assert (reads["Principal"], reads["Action"]) == ({"Service": "cloudfront.amazonaws.com"}, "s3:GetObject")
    assert text(reads["Condition"]).count("ConsoleDistribution") == 1
    assert "*" not in text(reads["Condition"])
    assert (tls["Effect"], tls["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    (origin,) = properties("ConsoleDistribution")["DistributionConfig"]["Origins"]
    assert origin["OriginAccessControlId"] == {"Ref": "ConsoleOriginAccess"}
    signing = properties("ConsoleOriginAccess")["OriginAccessControlConfig"]
    assert (signing["SigningBehavior"], signing["SigningProtocol"]) == ("always", "sigv4")


def directives(policy: str) -> dict[str, list[str]]:
    return {name: values for name, *values in (part.split() for part in policy.split(";"))}


def test_the_page_has_the_same_policy_on_aws_and_on_this_machine() -> None:
    headers = properties("ConsoleHeaders")["ResponseHeadersPolicyConfig"]
    policy = headers["SecurityHeadersConfig"]["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    here, there = directives(local.policy("http://localhost:4566")), directives(policy)
    assert here.pop("connect-src") == ["'self'", "http://localhost:4566"]
    own, api, pool, bucket = there.pop("connect-src")
    assert (own, api.partition(".")[0], pool.partition(".")[0]) == ("'self'", "https://*", "https://${UserPoolDomain}")
    assert bucket.startswith(f"https://{properties('DataBucket')['BucketName']}.s3.")
    assert here == there
    assert here["default-src"] == here["frame-ancestors"] == here["base-uri"] == here["form-action"] == ["'none'"]
    assert here["script-src"] == ["'self'"]
    assert (here["require-trusted-types-for"], here["trusted-types"]) == (["'script'"], ["'none'"])
    security = headers["SecurityHeadersConfig"]
    assert security["StrictTransportSecurity"]["AccessControlMaxAgeSec"] >= 31536000
    assert {"ContentTypeOptions", "FrameOptions", "ReferrerPolicy"} <= security.keys()


def test_the_page_names_the_api_itself_as_its_policy_cannot() -> None:
    """The API's answers name CloudFront's domain: its policy cannot name the API without waiting for itself."""
    assert waits_for("Api", "ConsoleDistribution", DEFAULT)
    assert not waits_for("ConsoleDistribution", "Api", DEFAULT)
    connects = [text(origin) for origin in properties("ConsoleSite")["ConnectsTo"]]
    assert "${Api}.execute-api." in connects[0]
    assert "${UserPoolDomain}.auth." in connects[1]
    assert "*" not in text(connects)
    assert properties("ConsoleSite", STRICT)["ConnectsTo"][0] == "https://api.example.org"


def test_the_bucket_of_uploads_is_the_one_that_the_page_may_call() -> None:
    bucket = text(properties("ConsoleSite")["ConnectsTo"][2])
    name = properties("DataBucket")["BucketName"]
    assert f"https://{name}.s3." in bucket


@pytest.mark.parametrize(("stack", "console"), [(LOCAL, "http://localhost:4580"), (STRICT, DOMAIN)])
def test_the_consoles_own_origin_may_call_and_no_other(stack: dict[str, Resource], console: str) -> None:
    api = properties("Api", stack)["Body"]
    allowed = [
        answer["responseParameters"]["method.response.header.Access-Control-Allow-Origin"]
        for methods in api["paths"].values()
        if (integration := methods["options"]["x-amazon-apigateway-integration"])["type"] == "mock"
        for answer in integration["responses"].values()
    ]
    allowed += [
        answer["responseParameters"]["gatewayresponse.header.Access-Control-Allow-Origin"]
        for answer in api["x-amazon-apigateway-gateway-responses"].values()
    ]
    assert len(allowed) > 150
    assert {text(value) for value in allowed} == {f"'{console}'"}
    (rule,) = properties("DataBucket", stack)["CorsConfiguration"]["CorsRules"]
    assert rule["AllowedOrigins"] == [console]
    assert properties("Apiv1Stage", stack)["Variables"]["consoleOrigin"] == console
    people = properties("PeopleClient", stack)
    assert people["CallbackURLs"] == [browser.CALLBACK, f"{console}/"]
    assert people["LogoutURLs"] == [f"{console}/"]


def test_where_no_domain_is_given_the_origin_is_cloudfronts() -> None:
    assert properties("Apiv1Stage")["Variables"]["consoleOrigin"] == CLOUDFRONT
    assert properties("DataBucket")["CorsConfiguration"]["CorsRules"][0]["AllowedOrigins"] == [CLOUDFRONT]


def test_the_gateways_answers_show_the_page_what_the_functions_do() -> None:
    for kind, answer in RESOURCES["Api"]["Properties"]["GatewayResponses"].items():
        exposed = answer["ResponseParameters"]["Headers"]["Access-Control-Expose-Headers"]
        assert exposed == f"'{cors.EXPOSED}'", kind


def test_a_domain_of_ones_own_has_its_certificate_and_no_old_tls() -> None:
    config = properties("ConsoleDistribution", STRICT)["DistributionConfig"]
    assert config["Aliases"] == ["console.example.org"]
    assert config["ViewerCertificate"] == {
        "AcmCertificateArn": STRICTEST["ConsoleCertificateArn"],
        "SslSupportMethod": "sni-only",
        "MinimumProtocolVersion": "TLSv1.2_2021",
    }
    own = properties("ConsoleDistribution")["DistributionConfig"]
    assert own["ViewerCertificate"] == {"CloudFrontDefaultCertificate": True}
    assert "Aliases" not in own


def test_cloudfront_and_this_machine_show_the_page_at_the_same_addresses(tmp_path: Path) -> None:
    (pattern,) = re.findall(r"if \(!/(.+)/\.test\(", properties("ConsoleAddresses")["FunctionCode"])
    (tmp_path / "index.html").write_text("page")
    site = local.Site(tmp_path, tmp_path / "config.json")
    for path in ("/", "/segments", "/a.b/c", "/assets/x.js", "/.hidden", "/config.json", "/x.y/z.js", "/feeds/fd_1/"):
        is_page = re.search(pattern, path) is None
        assert (site.find(path) is not None) == is_page, path


def test_another_build_is_brought_by_the_next_deployment() -> None:
    assert properties("ConsoleSite")["Digest"] == digest(local.SITE), "run make console"


def test_every_built_file_has_a_type_and_only_hashed_ones_are_kept_for_ever(tmp_path: Path) -> None:
    for path in built(local.SITE):
        assert Path(path).suffix in TYPES, path
        is_hashed = re.search(r"-[\w-]{8}\.\w+$", path) is not None
        assert ("immutable" in cache_control(path)) == path.startswith(ASSETS) == is_hashed, path
    (tmp_path / "a.js").write_text("one")
    one = digest(tmp_path)
    (tmp_path / "a.js").write_text("two")
    assert digest(tmp_path) != one


def test_the_site_is_part_of_its_function() -> None:
    assert (ROOT / RESOURCES["ConsoleFunction"]["Properties"]["CodeUri"] / "site") == local.SITE

using System.Reflection;
using System.Text.Json.Nodes;
using EventFeatures.Api.V1;
using Google.Api;
using Google.Protobuf.Reflection;

namespace EventFeatures.Server.OpenApi;

/// <summary>
/// The HTTP/JSON API as OpenAPI 3.0, read off the services' own descriptors: the routes are those that the server
/// really serves, since both come from the same http rules.
/// </summary>
internal static class OpenApiDocument
{
    private static readonly FileDescriptor[] Files =
        [EventsReflection.Descriptor, FeaturesReflection.Descriptor, InferenceReflection.Descriptor, RegistryReflection.Descriptor, AuditReflection.Descriptor, QuarantineReflection.Descriptor];

    public static JsonObject Build()
    {
        var schemas = new OpenApiSchemas();
        var paths = new JsonObject();
        foreach (var service in Files.SelectMany(file => file.Services))
            foreach (var method in service.Methods)
                if (method.GetOptions()?.GetExtension(AnnotationsExtensions.Http) is { } rule) Add(paths, service, method, rule, schemas);
        CloudEventPaths.Add(paths, schemas);
        var version = typeof(OpenApiDocument).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        return new JsonObject
        {
            ["openapi"] = "3.0.3",
            ["info"] = new JsonObject { ["title"] = "EventFeatures", ["version"] = version?.Split('+')[0] },
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = schemas.Components() },
        };
    }

    private static void Add(JsonObject paths, ServiceDescriptor service, MethodDescriptor method, HttpRule rule, OpenApiSchemas schemas)
    {
        var (verb, template) = rule.PatternCase switch
        {
            HttpRule.PatternOneofCase.Get => ("get", rule.Get),
            HttpRule.PatternOneofCase.Post => ("post", rule.Post),
            HttpRule.PatternOneofCase.Put => ("put", rule.Put),
            HttpRule.PatternOneofCase.Delete => ("delete", rule.Delete),
            HttpRule.PatternOneofCase.Patch => ("patch", rule.Patch),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        var operation = new JsonObject
        {
            ["operationId"] = $"{service.Name}_{method.Name}",
            ["tags"] = new JsonArray(service.Name),
        };
        if (Comment(method.Declaration) is { Length: > 0 } comment) operation["summary"] = comment;
        var inPath = method.InputType.Fields.InDeclarationOrder().Where(field => template.Contains($"{{{field.Name}}}", StringComparison.Ordinal)).ToList();
        var parameters = new JsonArray();
        foreach (var field in inPath) parameters.Add(Parameter(template, field, "path", schemas));
        if (rule.Body == "*") operation["requestBody"] = JsonBody(schemas.Of(method.InputType));
        else
            foreach (var field in method.InputType.Fields.InDeclarationOrder().Except(inPath)) parameters.Add(Parameter(template, field, "query", schemas));
        if (parameters.Count > 0) operation["parameters"] = parameters;
        operation["responses"] = Responses(method, schemas);
        var path = inPath.Aggregate(template, (text, field) => text.Replace($"{{{field.Name}}}", $"{{{field.JsonName}}}", StringComparison.Ordinal));
        if (paths[path] is not JsonObject item) paths[path] = item = [];
        item[verb] = operation;
    }

    private static JsonObject Parameter(string template, FieldDescriptor field, string where, OpenApiSchemas schemas) => new()
    {
        ["name"] = field.JsonName,
        ["in"] = where,
        ["required"] = where == "path",
        ["schema"] = schemas.Of(field),
    };

    private static JsonObject Responses(MethodDescriptor method, OpenApiSchemas schemas)
    {
        var answer = JsonBody(schemas.Of(method.OutputType));
        answer["description"] = method.IsServerStreaming ? "One JSON object a line, as they come." : "The answer.";
        var error = JsonBody(schemas.Error());
        error["description"] = "What went wrong, and what to do next.";
        return new JsonObject { ["200"] = answer, ["default"] = error };
    }

    private static JsonObject JsonBody(JsonNode schema) => new()
    {
        ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = schema } },
    };

    private static string? Comment(DescriptorDeclaration? declaration) => declaration?.LeadingComments?.Trim().ReplaceLineEndings(" ");
}

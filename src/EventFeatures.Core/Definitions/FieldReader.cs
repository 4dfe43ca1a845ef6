using EventFeatures.Core.Contracts;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.Definitions;

/// <summary>Reads the <c>properties</c> of a contract's event type, and those of its properties that are objects.</summary>
internal static class FieldReader
{
    private static readonly ValueKind[] Ordered = [ValueKind.Integer, ValueKind.Number, ValueKind.Decimal];

    /// <summary>The fields: the payload's own members first, then the members of objects under dotted names.</summary>
    public static IReadOnlyList<Field> ReadAll(MappingReader schema)
    {
        var fields = new List<Field>();
        Read(schema, null, fields);
        return fields;
    }

    private static void Read(MappingReader holder, string? parent, List<Field> fields)
    {
        var objects = new List<(MappingReader Item, string Name)>();
        foreach (var item in holder.Mappings("properties"))
        {
            var field = Read(item, parent);
            if (field.Name.Length > 0 && fields.Any(other => other.Name == field.Name))
                item.Report("name-duplicate", "name", $"The field '{field.Name}' occurs twice. Keep one.");
            fields.Add(field);
            if (field.Type == ValueKind.Object && item.Has("properties")) objects.Add((item, field.Name));
        }
        foreach (var (item, name) in objects) Read(item, name, fields);
    }

    private static Field Read(MappingReader item, string? parent)
    {
        item.AllowOnly("A property", OdcsKeys.Property);
        var custom = new CustomProperties(item, ["eventfeatures.unit"]);
        var type = FieldTypes.ReadLogical(item);
        var options = item.Mapping("logicalTypeOptions");
        var name = item.RequiredText("name", "amount");
        var field = new Field(parent is null || name.Length == 0 ? name : $"{parent}.{name}", type ?? ValueKind.String, item.Boolean("required") ?? false)
        {
            Parent = parent,
            Enumeration = type is { } kind ? ReadEnumeration(item, "enum", kind) : [],
            Minimum = options?.Number("minimum"),
            Maximum = options?.Number("maximum"),
            ElementType = ReadElementType(item, type),
            Unit = custom["unit"]?.Text("value"),
            Classification = item.Text("classification"),
        };
        foreach (var rule in item.Mappings("quality")) field = WithRule(field, rule, type);
        if (type is { } stated && !Ordered.Contains(stated) && (field.Minimum ?? field.Maximum) is not null)
            item.Report("range-invalid", "", $"A {FieldTypes.NameOf(stated)} has no minimum or maximum. Only numbers have.");
        if (field.Minimum > field.Maximum)
            item.Report("range-invalid", "", $"The minimum {field.Minimum:R} of '{field.Name}' is greater than its maximum {field.Maximum:R}.");
        return field;
    }

    private static IReadOnlyList<Value> ReadEnumeration(MappingReader item, string key, ValueKind kind)
    {
        var values = new List<Value>();
        foreach (var (node, index) in item.Items(key).Select((pair, index) => (pair.Item, index)))
        {
            if (node is ScalarNode scalar && ScalarValues.As(scalar, kind) is { } value) values.Add(value);
            else item.Report("type-wrong", $"{key}[{index}]", $"The allowed values are of type {FieldTypes.NameOf(kind)}, but this is {node.Describe()}.{(kind == ValueKind.String ? " Write it in quotes." : "")}");
        }
        return values;
    }

    private static ValueKind? ReadElementType(MappingReader item, ValueKind? type)
    {
        if (item.Mapping("items") is not { } items) return null;
        if (type is ValueKind.Array) return FieldTypes.ReadLogical(items);
        item.Report("key-unknown", "items", "'items' belongs to logicalType: array only.");
        return null;
    }

    /// <summary>
    /// A rule that no value of a single event may break (<c>invalidValues</c>, <c>mustBe: 0</c>) is enforced on
    /// every event. Rules about whole data sets are other tools' business and are kept as they stand.
    /// </summary>
    private static Field WithRule(Field field, MappingReader rule, ValueKind? type)
    {
        if (rule.Text("metric") != "invalidValues") return field;
        if (rule.Number("mustBe") is not 0d)
        {
            rule.Report("quality-unsupported", rule.Has("mustBe") ? "mustBe" : "", "A rule on invalidValues is enforced event by event, so it has to say mustBe: 0.");
            return field;
        }
        if (rule.Mapping("arguments") is not { } arguments)
        {
            rule.Report("key-missing", "arguments", "A rule on invalidValues needs arguments. Write for example arguments: { minimum: 0 }");
            return field;
        }
        arguments.AllowOnly("A rule on invalidValues", "minimum", "maximum", "validValues");
        return field with
        {
            Minimum = arguments.Number("minimum") ?? field.Minimum,
            Maximum = arguments.Number("maximum") ?? field.Maximum,
            Enumeration = type is { } kind && arguments.Has("validValues") ? ReadEnumeration(arguments, "validValues", kind) : field.Enumeration,
        };
    }
}

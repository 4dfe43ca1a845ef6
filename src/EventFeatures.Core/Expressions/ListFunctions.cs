using EventFeatures.Core.Definitions;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.Expressions;

/// <summary>
/// Access to what lists and objects hold. Elements are counted from 1, from the end with a negative number; one that is
/// not there is null, and so is a member that an event lacks.
/// </summary>
internal static class ListFunctions
{
    public static readonly IReadOnlyDictionary<string, Func<IReadOnlyList<Typed>, int, Typed>> All = new Dictionary<string, Func<IReadOnlyList<Typed>, int, Typed>>
    {
        ["size"] = Size,
        ["element"] = Element,
        ["contains"] = Contains,
    };

    /// <summary><c>owner.name</c>: a declared member of an object, or any member of a map.</summary>
    public static Typed Member(Typed owner, string name, int column)
    {
        if (owner.Kind != ValueKind.Object) throw new ExpressionException($"'.{name}' needs an object and has {Typed.Name(owner.Kind)}.", column);
        var shape = owner.Shape.Members.GetValueOrDefault(name) ?? owner.Shape.Element ?? throw new ExpressionException(
            owner.Shape.Members.Count == 0
                ? $"The object's members are not declared, so '{name}' has no type. Declare them under the field's 'properties'."
                : $"The object has no member '{name}'.{Suggestion.For(name, owner.Shape.Members.Keys)}", column);
        return FunctionCall.Map(owner, shape, column, value => value.Members.GetValueOrDefault(name));
    }

    private static Typed Size(IReadOnlyList<Typed> arguments, int column)
    {
        FunctionCall.Arity("size", arguments, 1, 1, column);
        if (arguments[0].Kind is not (ValueKind.Array or ValueKind.Object or ValueKind.Null))
            throw new ExpressionException($"size() needs a list or map and has {Typed.Name(arguments[0].Kind)}; length() is for strings.", arguments[0].Column);
        return FunctionCall.Map(arguments[0], ValueKind.Integer, column, value => Value.Of((long)(value.Kind == ValueKind.Array ? value.Elements.Count : value.Members.Count)));
    }

    private static Typed Element(IReadOnlyList<Typed> arguments, int column)
    {
        FunctionCall.Arity("element", arguments, 2, 2, column);
        var owner = arguments[0];
        if (owner.Kind is not (ValueKind.Array or ValueKind.Object)) throw new ExpressionException($"element() needs a list or map and has {Typed.Name(owner.Kind)}.", owner.Column);
        var shape = owner.Shape.Element ?? throw new ExpressionException(
            owner.Kind == ValueKind.Array ? "The list's items have no declared type. Declare it under the field's 'items'." : "An object's members are read as in field.member.", owner.Column);
        if (owner.Kind == ValueKind.Object)
            return FunctionCall.Map(owner, FunctionCall.Of("element", arguments[1], ValueKind.String, "a string as the map's key"), shape, column, (map, key) => map.Members.GetValueOrDefault(key.String));
        return FunctionCall.Map(owner, FunctionCall.Of("element", arguments[1], ValueKind.Integer, "a whole number as the element's place"), shape, column, (list, place) =>
        {
            var count = list.Elements.Count;
            var index = place.Integer > 0 ? place.Integer - 1 : count + place.Integer;
            return place.Integer != 0 && index >= 0 && index < count ? list.Elements[(int)index] : Value.Null;
        });
    }

    // As 'in': true if an element equals the item, else null if an element is null, else false.
    private static Typed Contains(IReadOnlyList<Typed> arguments, int column)
    {
        FunctionCall.Arity("contains", arguments, 2, 2, column);
        var (owner, item) = (arguments[0], arguments[1]);
        if (owner.Kind != ValueKind.Array) return TextFunctions.Contains(owner, item, column);
        var shape = owner.Shape.Element ?? throw new ExpressionException("The list's items have no declared type. Declare it under the field's 'items'.", owner.Column);
        var equal = Comparison.Against("contains", "==", new Typed(shape, owner.Run, owner.Column), item, item.Column);
        return FunctionCall.Map(owner, item, ValueKind.Boolean, column, (list, sought) =>
        {
            var unknown = false;
            foreach (var element in list.Elements)
            {
                if (element.IsNull) unknown = true;
                else if (equal(element, sought)) return Value.Of(true);
            }
            return unknown ? Value.Null : Value.Of(false);
        });
    }
}

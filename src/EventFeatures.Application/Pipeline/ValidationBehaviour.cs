using FluentValidation;
using MediatR;

namespace EventFeatures.Application.Pipeline;

/// <summary>Runs every validator of a request before its handler, and reports all failures together.</summary>
internal sealed class ValidationBehaviour<TRequest, TResponse>(IEnumerable<IValidator<TRequest>> validators)
    : IPipelineBehavior<TRequest, TResponse>
    where TRequest : notnull
{
    private readonly IValidator<TRequest>[] _validators = [.. validators];

    public Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        List<CommandFailure>? failures = null;
        foreach (var validator in _validators)
        {
            // A validator looks at the request alone, so that there is nothing to wait for.
            var result = validator.Validate(request);
            if (!result.IsValid) (failures ??= []).AddRange(result.Errors.Select(error => new CommandFailure(FieldName(error.PropertyName), error.ErrorMessage)));
        }
        return failures is null ? next() : throw new CommandInvalidException(typeof(TRequest).Name, failures);
    }

    /// <summary><c>Items[2].Stream</c> as the API writes it: <c>items[2].stream</c>.</summary>
    private static string FieldName(string property) => string.Join('.', property.Split('.').Select(part =>
        part.Length == 0 ? part : char.ToLowerInvariant(part[0]) + part[1..]));
}

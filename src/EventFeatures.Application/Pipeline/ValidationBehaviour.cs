using FluentValidation;
using MediatR;

namespace EventFeatures.Application.Pipeline;

/// <summary>Runs every validator of a request before its handler, and reports all failures together.</summary>
internal sealed class ValidationBehaviour<TRequest, TResponse>(IEnumerable<IValidator<TRequest>> validators)
    : IPipelineBehavior<TRequest, TResponse>
    where TRequest : notnull
{
    private readonly IValidator<TRequest>[] _validators = [.. validators];

    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        var failures = new List<CommandFailure>();
        foreach (var validator in _validators)
        {
            var result = await validator.ValidateAsync(request, cancellationToken);
            failures.AddRange(result.Errors.Select(error => new CommandFailure(FieldName(error.PropertyName), error.ErrorMessage)));
        }
        return failures.Count == 0 ? await next() : throw new CommandInvalidException(typeof(TRequest).Name, failures);
    }

    /// <summary><c>Items[2].Stream</c> as the API writes it: <c>items[2].stream</c>.</summary>
    private static string FieldName(string property) => string.Join('.', property.Split('.').Select(part =>
        part.Length == 0 ? part : char.ToLowerInvariant(part[0]) + part[1..]));
}

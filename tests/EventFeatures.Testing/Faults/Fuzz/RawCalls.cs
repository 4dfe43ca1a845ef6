using System.Globalization;
using System.Net;

namespace EventFeatures.Testing.Faults.Fuzz;

/// <summary>gRPC calls by hand, so that a body may be anything.</summary>
public sealed class RawCalls(int port) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler()) { BaseAddress = new Uri(FormattableString.Invariant($"http://127.0.0.1:{port}")) };

    /// <summary>Sends a body and gives the status that ends the call.</summary>
    /// <param name="path">The service and the method.</param>
    /// <param name="body">What is sent.</param>
    /// <param name="serverDeadline">After how long the server ends the call; a body that happens to be a valid subscription would never end otherwise.</param>
    /// <param name="deadline">How long the status may take.</param>
    /// <exception cref="OperationCanceledException">No status came within the deadline: the call hangs.</exception>
    /// <exception cref="HttpRequestException">The server broke the call off without a status.</exception>
    public async Task<int> StatusAsync(string path, byte[] body, TimeSpan serverDeadline, TimeSpan deadline)
    {
        using var end = new CancellationTokenSource(deadline);
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Headers.TE.ParseAdd("trailers");
        request.Headers.Add("grpc-timeout", FormattableString.Invariant($"{serverDeadline.TotalMilliseconds:0}m"));
        request.Content.Headers.ContentType = new("application/grpc");
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, end.Token);
        await using (var answer = await response.Content.ReadAsStreamAsync(end.Token)) await answer.CopyToAsync(Stream.Null, end.Token);
        var statuses = response.TrailingHeaders.TryGetValues("grpc-status", out var trailing) ? trailing : response.Headers.TryGetValues("grpc-status", out var leading) ? leading : [];
        return int.TryParse(statuses.FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var status)
            ? status
            : throw new HttpRequestException($"{path} answered {(int)response.StatusCode} without a grpc-status.");
    }

    public void Dispose() => _http.Dispose();
}

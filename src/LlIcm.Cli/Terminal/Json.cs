using System.Text.Json.Nodes;

namespace LlIcm.Cli.Terminal;

/// <summary>Values for JSON.</summary>
public static class Json
{
    /// <summary>A number, rounded; null for what JSON cannot say (infinities, NaN) and for nothing.</summary>
    public static JsonNode? Number(double? value, int digits) =>
        value is { } number && double.IsFinite(number) ? JsonValue.Create(Math.Round(number, digits)) : null;
}

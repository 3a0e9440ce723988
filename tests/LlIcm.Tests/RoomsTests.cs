using System.Text.RegularExpressions;
using LlIcm.TestSupport;

namespace LlIcm.Tests;

/// <summary>Knowledge goes one way: no namespace of the library uses one that uses it.</summary>
public sealed partial class RoomsTests
{
    [Fact]
    public void NamespacesHaveNoCycles()
    {
        string source = Path.Combine(Repository.Root, "src");
        var uses = new Dictionary<string, HashSet<string>>();
        foreach (string file in Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories))
        {
            string text = File.ReadAllText(file);
            if (Namespace().Match(text) is not { Success: true } own) continue;
            if (!uses.TryGetValue(own.Groups[1].Value, out HashSet<string>? used)) uses[own.Groups[1].Value] = used = [];
            used.UnionWith(Using().Matches(text).Select(match => match.Groups[1].Value));
        }
        // The faces are the programs' own affair.
        foreach (string name in uses.Keys.Where(name => !name.StartsWith("LlIcm.Cli", StringComparison.Ordinal)))
        {
            var reached = new HashSet<string>();
            var left = new Stack<string>(uses[name]);
            while (left.TryPop(out string? next))
                if (reached.Add(next) && uses.TryGetValue(next, out HashSet<string>? further)) foreach (string each in further) left.Push(each);
            Assert.False(reached.Contains(name), $"{name} uses what uses it");
        }
        Assert.Contains("LlIcm.Container", uses.Keys);
    }

    [Theory]
    [InlineData("LlIcm.Container")]
    [InlineData("LlIcm.Imaging")]
    [InlineData("LlIcm.Tensors")]
    public void WhatLiesBelowKnowsNoEngineAndNoNetwork(string room)
    {
        foreach (string file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories))
        {
            string text = File.ReadAllText(file);
            if (Namespace().Match(text).Groups[1].Value != room) continue;
            foreach (Match match in Using().Matches(text))
                Assert.DoesNotMatch("Onnx|Torch|Codecs|Restoration|Vision", match.Groups[1].Value);
        }
    }

    [GeneratedRegex(@"^namespace (LlIcm[\w.]*);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^using (LlIcm[\w.]*);", RegexOptions.Multiline)]
    private static partial Regex Using();
}

using System.Buffers.Binary;

namespace LlIcm.Imaging.Tests;

/// <summary>Adds to AVIF files what their encoder here does not write. The picture is item 1, its opacity item 2.</summary>
internal static class HeifSurgery
{
    /// <summary>The reference that says the colours were multiplied with the opacity.</summary>
    public static byte[] WithPremultiplied(byte[] file) =>
        Insert(file, Find(file, "iref") + 8, [0, 0, 0, 14, .. "prem"u8, 0, 1, 0, 1, 0, 2], "meta", "iref");

    /// <summary>The property that describes colours by code points.</summary>
    public static byte[] WithCodePoints(byte[] file, int primaries, int transfer)
    {
        int ipco = Find(file, "ipco"), length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(ipco - 4));
        int properties = 0;
        foreach (Box _ in new BoxReader(file, ipco + 4, length - 8)) properties++;
        file = Insert(
            file, ipco - 4 + length, [0, 0, 0, 19, .. "colrnclx"u8, 0, (byte)primaries, 0, (byte)transfer, 0, 6, 0x80], "meta", "iprp", "ipco");
        // Version and flags, number of items, the first item's number, how many properties it has.
        int count = Find(file, "ipma") + 4 + 4 + 4 + 2;
        Assert.Equal(1, file[count - 1]);
        file[count]++;
        return Insert(file, count + 1, [(byte)(properties + 1)], "meta", "iprp", "ipma");
    }

    private static int Find(byte[] file, string box)
    {
        int at = file.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(box));
        Assert.True(at > 0, $"the encoder wrote no {box}");
        return at;
    }

    // The boxes around it grow, and what follows moves.
    private static byte[] Insert(byte[] file, int at, byte[] bytes, params string[] boxes)
    {
        byte[] grown = [.. file[..at], .. bytes, .. file[at..]];
        foreach (string box in boxes) Add(Find(grown, box) - 4);
        int iloc = Find(grown, "iloc") + 4, version = grown[iloc];
        Assert.Equal(0x44, grown[iloc + 4]);
        int baseSize = grown[iloc + 5] >> 4, items = BinaryPrimitives.ReadUInt16BigEndian(grown.AsSpan(iloc + 6));
        for (int i = 0, item = iloc + 8; i < items; i++)
        {
            item += (version == 0 ? 4 : 6) + baseSize;
            Assert.Equal(1, BinaryPrimitives.ReadUInt16BigEndian(grown.AsSpan(item)));
            Add(item + 2);
            item += 10;
        }
        return grown;

        void Add(int number) => BinaryPrimitives.WriteInt32BigEndian(
            grown.AsSpan(number), BinaryPrimitives.ReadInt32BigEndian(grown.AsSpan(number)) + bytes.Length);
    }
}

System.Console.WriteLine("eventfeatures");
